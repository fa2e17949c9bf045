// SPDX-License-Identifier: GPL-2.0-or-later
// The header of a request as clients write it, and as Beast's parser reads it; its lines are those
// of SSDP, too. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace igd::upnp {

/// Takes the next line off `rest` and returns it without its end, which is CR LF, LF, or that of
/// the text; an empty one when nothing is left.
[[nodiscard]] std::string_view takeLine(std::string_view& rest);

/// Returns the parameter `name` of a header's value such as `text/xml; charset="utf-8"` (RFC 9110
/// section 5.6.6), without quotes; empty when there is none.
[[nodiscard]] std::string_view parameterIn(std::string_view value, std::string_view name);

/// The place of the first request's header in what has been received: [begin, end), with the empty
/// line that ends it, and without those before it (RFC 9112 section 2.2).
struct HeaderPlace {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const HeaderPlace&) const = default;
};

/// Returns nullopt as long as the header has no end. A line ends with CR LF or with LF alone.
[[nodiscard]] std::optional<HeaderPlace> findHeader(std::string_view received);

/// Returns whether more bytes can still make a request of a beginning: its first line has no
/// control characters so far. (A client that speaks TLS to this port shall not wait for the
/// deadline.)
[[nodiscard]] bool mayBecomeRequest(std::string_view received);

/// Returns the header with CR LF behind each line and no blanks before the colons, which clients
/// write ("SOAPACTION : x", IGD-Quirk-22) and which we may read, as nobody behind us reads it in
/// another way. Returns nullopt for one with a folded line: its meaning is not the same for all
/// (RFC 9112 section 5.2). What else is wrong is left to the parser. The result has at most twice
/// the length.
[[nodiscard]] std::optional<std::string> tidiedHeader(std::string_view header);

}  // namespace igd::upnp
