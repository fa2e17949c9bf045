// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's network interfaces as they are now, and a word when something about them may have
// changed.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/portmap/lan.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace igd {

struct InterfaceState {
    bool exists = false;
    bool running = false;  ///< administratively up, with carrier
    /// All of IPv4: the primary ones of global scope first, in the kernel's order, then those that
    /// share a network with one of them. Link-local ones are here when there are no others.
    std::vector<Ipv4Prefix> addresses{};
    /// All of IPv6 that may be used: link-local ones, too; tentative, failed and deprecated ones
    /// not.
    std::vector<Ipv6Prefix> addresses6{};
    /// The networks that the kernel reaches by a gateway there, of an interface whose routes are
    /// followed.
    std::vector<Ipv4Prefix> routed{};
    std::vector<Ipv6Prefix> routed6{};
    int index = 0;  ///< the kernel's; one of the same name that was made anew has another
    bool operator==(const InterfaceState&) const = default;

    /// Returns whether hosts behind it can be served: it has an address of IPv4, or one of IPv6 of
    /// wider scope than the link, whose hosts may have pinholes.
    [[nodiscard]] bool isServable() const;
    /// Returns the source of new flows of IPv4; nullopt: there is no address.
    [[nodiscard]] std::optional<Ipv4Prefix> primary() const {
        return addresses.empty() ? std::nullopt : std::optional{addresses.front()};
    }
};

/// Returns the internal network of `interface` in that state, without link-local addresses of IPv6.
/// Its primary address is one with a network around it, if there is one: the /32 of a virtual
/// router (VRRP, CARP) comes after the router's own.
[[nodiscard]] Lan lanOf(const InterfaceName& interface, const InterfaceState& state);

struct InterfaceCounters {
    std::uint64_t bytesSent = 0;
    std::uint64_t bytesReceived = 0;
    std::uint64_t packetsSent = 0;
    std::uint64_t packetsReceived = 0;
};

/// The seam to the kernel's interfaces.
class Interfaces {
public:
    virtual ~Interfaces() = default;

    /// Returns how `name` is now; a default one when there is no such interface.
    [[nodiscard]] virtual InterfaceState state(const InterfaceName& name) const = 0;
    /// Returns the source that the kernel gives to flows which leave by `name` for the Internet:
    /// one of its addresses; nullopt: no route says so.
    [[nodiscard]] virtual std::optional<Ipv4Address> source(const InterfaceName& name) const = 0;
    /// Returns its counters; zeros when there is no such interface. They have 64 bits, as the
    /// kernel counts (IGD-CIF-05 cuts them for clients).
    [[nodiscard]] virtual InterfaceCounters counters(const InterfaceName& name) const = 0;
};

/// Loop thread only. Netlink events are taken as "look again", never for what they say.
class InterfaceMonitor final : public Interfaces {
public:
    /// Calls `changed` in the loop after events on links, addresses or default routes, and
    /// when routed networks have changed. Throws std::system_error without netlink.
    InterfaceMonitor(boost::asio::io_context& loop, std::function<void()> changed);
    ~InterfaceMonitor() override;

    /// Follows the routes over `interfaces`, and of no others, from now on.
    void followRoutes(const std::vector<InterfaceName>& interfaces);

    [[nodiscard]] InterfaceState state(const InterfaceName& name) const override;
    [[nodiscard]] std::optional<Ipv4Address> source(const InterfaceName& name) const override;
    [[nodiscard]] InterfaceCounters counters(const InterfaceName& name) const override;

    /// No more calls of `changed`.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The link's speed in bit/s from the driver; 0 when it does not know (IGD-CIF-04).
[[nodiscard]] std::uint64_t linkSpeed(const InterfaceName& name);

}  // namespace igd
