// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the lease file's lines.
#pragma once

#include "upnpd/system/lease_file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::lease {

[[nodiscard]] std::int64_t unixSeconds(WallTime time);
[[nodiscard]] std::int64_t unixEnd(TimePoint end, const Now& now);
/// An end in the past becomes `now`: such a mapping is left out later. nullopt: 0, no end.
[[nodiscard]] std::optional<TimePoint> endOf(std::uint64_t unixEnd, const Now& now,
                                             Seconds longest);

/// The next word; `text` is left with what follows the one blank behind it.
[[nodiscard]] std::string_view takeWord(std::string_view& text);
/// Of a protocol and a port.
[[nodiscard]] std::optional<MappingKey> parseKey(std::string_view protocol, std::string_view port);

/// Whose the mapping is: ORIGIN[;nonce=HEX][;igd=END][;peers=PREFIX[@PORT],...]
struct Holder {
    std::optional<Origin> origin;  ///< nullopt: not readable
    std::optional<Nonce> nonce{};
    std::vector<PeerFilter> filters{};
    std::optional<IgdShare> igdShare{};
};
[[nodiscard]] Holder parseHolder(std::string_view text, const Now& now, Seconds longest);
/// ";nonce=HEX"
[[nodiscard]] std::string nonceText(const Nonce& nonce);
/// ";peers=PREFIX[@PORT],...", or nothing
[[nodiscard]] std::string filtersText(const std::vector<PeerFilter>& filters);
[[nodiscard]] bool areOfFamily(const std::vector<PeerFilter>& filters, bool four);

/// The first two words: any protocol, and its port, 0 where there are none.
[[nodiscard]] std::optional<MappingKey> takeKey6(std::string_view& rest);

/// What stands behind `add6` and `pinhole`; nullopt: none of ours.
[[nodiscard]] std::optional<Ipv6Mapping> parseIpv6Mapping(std::string_view rest, const Now& now,
                                                          Seconds longest);
[[nodiscard]] std::optional<Pinhole> parsePinhole(std::string_view rest, const Now& now,
                                                  Seconds longest);

}  // namespace igd::lease
