// SPDX-License-Identifier: GPL-2.0-or-later
// One look at the links, addresses and default routes of this host, for those who judge or propose
// a configuration.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace igd {

struct HostInterface {
    InterfaceName name;
    bool running = false;  ///< administratively up, with carrier
    bool isLoopback = false;
    std::string kind{};                  ///< "bridge", "vlan", "ppp" ...; empty: hardware
    std::optional<InterfaceName> leads;  ///< the bridge or bond whose port it is
    /// The ones of global scope, in the kernel's order.
    std::vector<Ipv4Prefix> addresses{};
    std::vector<Ipv6Prefix> addresses6{};
};

struct HostFacts {
    std::vector<HostInterface> interfaces;  ///< in the kernel's order
    struct DefaultRoute {
        InterfaceName interface;
        std::optional<IpAddress> gateway;
        std::uint32_t metric = 0;  ///< the kernel prefers the lowest
    };
    /// All of IPv4 in the main table, the one that the kernel prefers first. One with several next
    /// hops is here once for each.
    std::vector<DefaultRoute> defaultRoutes{};
    std::vector<DefaultRoute> defaultRoutes6{};  ///< the same of IPv6

    /// Returns nullptr when there is no interface called `name`.
    [[nodiscard]] const HostInterface* find(const InterfaceName& name) const;
    /// Returns the interface that has the address in `network`; without one, an interface with an
    /// address of that network. nullptr: there is neither.
    [[nodiscard]] const HostInterface* findIn(const Ipv4Prefix& network) const;
    /// Returns the interface that has `address`: the loopback one for those of this host alone.
    /// nullptr: none has it.
    [[nodiscard]] const HostInterface* findHolder(const IpAddress& address) const;
};

/// Reads them from the kernel, which needs no rights. Throws std::system_error without netlink.
[[nodiscard]] HostFacts readHostFacts();

}  // namespace igd
