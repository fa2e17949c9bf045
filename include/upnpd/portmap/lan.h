// SPDX-License-Identifier: GPL-2.0-or-later
// An internal network: every address that the router has there, and the networks behind it.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"

#include <vector>

namespace igd {

struct Lan {
    InterfaceName interface;
    std::vector<Ipv4Prefix> addresses{};   ///< the router's own, the primary one first
    std::vector<Ipv6Prefix> addresses6{};  ///< the router's own, of global and unique local scope
    std::vector<Ipv4Prefix> routed{};  ///< networks that the kernel reaches by a router on this LAN
    std::vector<Ipv6Prefix> routed6{};

    /// Returns the router's first address there: of IPv4, if it has one, else of IPv6. There is
    /// one.
    [[nodiscard]] IpAddress first() const;
    /// Returns whether `address` is in a network of this interface, so that its host is a
    /// neighbour. Link-local addresses of IPv6 count.
    [[nodiscard]] bool isOnLink(const IpAddress& address) const;
    /// Returns whether `address` is on link or in a network that is routed over the interface.
    [[nodiscard]] bool contains(const IpAddress& address) const;
    /// Returns whether `address` is one of the router's own.
    [[nodiscard]] bool isRouter(const IpAddress& address) const;
    /// Returns whether a client may have `address`: contained, not the router's, and neither
    /// network nor broadcast address of its network (a /31 or /32 has neither, RFC 3021).
    [[nodiscard]] bool isHost(const IpAddress& address) const;
    /// Returns "192.168.1.1/24, 192.168.2.1/24".
    [[nodiscard]] std::string describe() const;
    bool operator==(const Lan&) const = default;
};

/// The internal networks at present.
struct Lans {
    std::vector<Lan> present;
    bool all = false;  ///< none is missing: each internal interface has an address of IPv4
    /// Returns the network that `host` is on, or nullptr.
    [[nodiscard]] const Lan* of(const IpAddress& host) const;
};

}  // namespace igd
