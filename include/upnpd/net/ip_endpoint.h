// SPDX-License-Identifier: GPL-2.0-or-later
// An IpEndpoint is an address of either family with a port.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"

namespace igd {

struct IpEndpoint {
    IpAddress address;
    Port port;
    auto operator<=>(const IpEndpoint&) const = default;
};

/// Returns "192.168.1.10:3074", "[2001:db8::5]:3074".
[[nodiscard]] std::string toString(const IpEndpoint& endpoint);

/// Reads what toString() writes, as a URL has it between "http://" and the path. Without a port it
/// is `defaultPort`. Names, zones and IPv4 in the guise of IPv6 are not read. Returns nullopt for
/// anything else.
[[nodiscard]] std::optional<IpEndpoint> parseAuthority(std::string_view text, Port defaultPort);

}  // namespace igd
