// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the kernel's routing where it would send a packet that comes in, once, without rights. The
// answer is the kernel's own: it has rules of policy routing, reverse path filters and switches of
// forwarding in it.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace igd {

/// A packet of another host; both addresses are of one family.
struct PassingPacket {
    IpAddress source;
    IpAddress destination;
    std::uint32_t in = 0;    ///< index of the interface by which it comes
    std::uint32_t mark = 0;  ///< that rules of the firewall give it before it is routed
};

struct NextHop {
    std::uint32_t interface = 0;  ///< index; 0: not told
    std::optional<IpAddress> gateway{};
};

/// Returns where that packet would leave. The error is the kernel's errno: EHOSTUNREACH where
/// forwarding is off on the interface, or a route says so; ENETUNREACH without a route; EXDEV or
/// EINVAL where the reverse path filter drops it, or a route of type blackhole.
[[nodiscard]] tl::expected<NextHop, int> nextHopOf(const PassingPacket& packet);

/// Returns the gateway by which what this host sends to the Internet over `interface` leaves;
/// nullopt: the route names none, or there is none.
[[nodiscard]] std::optional<Ipv4Address> gatewayBehind(const InterfaceName& interface);

/// Returns whether rules of IPv4 routing ask for the mark of a packet, which nextHopOf() leaves
/// out.
[[nodiscard]] bool routesByMark();

}  // namespace igd
