// SPDX-License-Identifier: GPL-2.0-or-later
// An address of either kind with a port.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"

namespace igd {

struct IpEndpoint {
    IpAddress address;
    Port port;
    auto operator<=>(const IpEndpoint&) const = default;
};

/// "192.168.1.10:3074", "[2001:db8::5]:3074"
[[nodiscard]] std::string toString(const IpEndpoint& endpoint);

/// The same read: what stands between "http://" and the path of a URL. Without a port it is
/// `defaultPort`; no names, no zones, no IPv4 in the guise of IPv6. nullopt for anything else.
[[nodiscard]] std::optional<IpEndpoint> parseAuthority(std::string_view text, Port defaultPort);

}  // namespace igd
