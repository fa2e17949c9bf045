// SPDX-License-Identifier: GPL-2.0-or-later
// A gate request says what an HTTP request is for, and whether it belongs here at all. Pure.
#pragma once

#include "http/http_message.h"

#include "upnpd/igd/service_model.h"
#include "upnpd/net/ip_endpoint.h"

#include <optional>

namespace igd::upnp {

enum class Door { Description, Scpd, Presentation, PageAction, Control, Event, None };

struct Route {
    Door door = Door::None;
    const Service* service = nullptr;  ///< for Scpd, Control and Event
    Profile profile{};                 ///< of the tree that has this path
};

/// A request's target in its parts.
struct Target {
    std::optional<std::string_view> authority{};  ///< of an absolute URI
    std::string_view path{};                      ///< without query
};

/// Reads a path, or an absolute URI with "http". Of several slashes at the beginning of the path
/// one is left, because clients join a base URL and a path that both have one.
[[nodiscard]] Target targetOf(std::string_view text);

/// Returns where a request goes, with `profile` as the highest version that the device has. A query
/// does not count. Documents are found in any letter case (IGD-Quirk-29); a fragment makes it
/// another path. A path of several trees is the highest one's.
[[nodiscard]] Route routeOf(std::string_view requestTarget, Profile profile);

/// Returns the action that a control request names: that of SOAPACTION or, in the way of SOAP 1.2,
/// of Content-Type (RFC 3902). Empty without either: then it is what a page in any browser could
/// send, whereas neither of these leaves a browser unasked (SEC-WAN-13).
[[nodiscard]] std::string_view namedAction(const RequestHeader& header);

/// Returns whether the body can be read: it is as it is, or chunked (RFC 9112 section 6.1).
[[nodiscard]] bool isCodingKnown(const RequestHeader& header);
/// Returns whether the client waits for a 100 before it sends the body. HTTP/1.0 has no such answer
/// (RFC 9110 section 10.1.1).
[[nodiscard]] bool expectsContinue(const RequestHeader& header);

/// For a 405's Allow header.
[[nodiscard]] std::string_view allowedMethods(Door door);
[[nodiscard]] bool allows(Door door, http::verb method);

/// `host` is the gate's own address, with its port or without (DESC-21, IGD-Quirk-27,
/// IGD-Quirk-28).
[[nodiscard]] bool namesUs(std::string_view host, const IpEndpoint& own);

/// The answer to a header that does not belong here: Host, Origin, path, method. nullopt: go on,
/// and read the body.
[[nodiscard]] std::optional<Response> refusal(const RequestHeader& header, const IpEndpoint& own,
                                              Profile profile);

}  // namespace igd::upnp
