// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's network interfaces as they are now, and a word when something about them may have
// changed.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/portmap/gateway.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace igd {

struct InterfaceState {
    bool exists = false;
    bool running = false;  ///< administratively up, with carrier
    std::optional<Ipv4Prefix>
        address;  ///< the primary one of global scope: the source of new flows
    /// All of IPv6 that may be used: link-local ones, too; tentative, failed and deprecated ones
    /// not.
    std::vector<Ipv6Prefix> addresses6{};
    int index = 0;  ///< the kernel's; one of the same name that was made anew has another
    bool operator==(const InterfaceState&) const = default;
};

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
    /// Returns its counters; zeros when there is no such interface. They have 64 bits, as the
    /// kernel counts (IGD-CIF-05 cuts them for clients).
    [[nodiscard]] virtual InterfaceCounters counters(const InterfaceName& name) const = 0;
};

/// Loop thread only. Netlink events are taken as "look again", never for what they say.
class InterfaceMonitor final : public Interfaces {
public:
    /// Calls `changed` in the loop after events on links or addresses. Throws std::system_error
    /// without netlink.
    InterfaceMonitor(boost::asio::io_context& loop, std::function<void()> changed);
    ~InterfaceMonitor() override;

    [[nodiscard]] InterfaceState state(const InterfaceName& name) const override;
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
