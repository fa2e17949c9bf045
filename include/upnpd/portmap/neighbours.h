// SPDX-License-Identifier: GPL-2.0-or-later
// The seam to the kernel's neighbour tables: who is who on a LAN, without asking the kernel.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <optional>
#include <vector>

namespace igd {

class Neighbours {
public:
    virtual ~Neighbours() = default;

    /// Returns the hardware address of `host` on `interface`; nullopt: it is no neighbour, or is
    /// not known yet. O(1): no look at the kernel.
    [[nodiscard]] virtual std::optional<MacAddress> macOf(const InterfaceName& interface,
                                                          const IpAddress& host) const = 0;

    /// Returns the IPv4 addresses that have hardware address `mac` on `interface`: those that have
    /// answered just now before others, which may be left over, and lowest first.
    [[nodiscard]] virtual std::vector<Ipv4Address> ipv4Of(const InterfaceName& interface,
                                                          const MacAddress& mac) const = 0;

    /// Has the kernel look for `host` (ARP, neighbour discovery) and returns at once. The table's
    /// observer hears of it when it is found.
    virtual void lookFor(const InterfaceName& interface, const IpAddress& host) = 0;
};

/// Told of changes in the neighbour tables.
class NeighbourObserver {
public:
    virtual ~NeighbourObserver() = default;
    /// `host` is a neighbour on `interface` now, or has another hardware address.
    virtual void neighbourFound(const InterfaceName& interface, const IpAddress& host,
                                const MacAddress& mac) = 0;
    /// The kernel has asked for `host` and had no answer.
    virtual void neighbourLost(const InterfaceName& interface, const IpAddress& host) = 0;
};

}  // namespace igd
