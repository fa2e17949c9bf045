// SPDX-License-Identifier: GPL-2.0-or-later
// The networks that the kernel reaches by a gateway on one of some interfaces. Of the loop thread.
//
// An example: 10.1.0.0/16 via 192.168.1.2 dev br-lan makes 10.1.0.0/16 a routed network of br-lan.
// 192.168.1.0/24 dev br-lan does not (its hosts are neighbours), nor does the default route.
#pragma once

#include "followed_interfaces.h"
#include "kernel_events.h"

#include "upnpd/net/ip_address.h"

#include <functional>
#include <map>
#include <vector>

namespace igd {

class RoutedNetworks {
public:
    /// So many of each interface and family are kept at most: the widest ones.
    static constexpr std::size_t kMost = 256;

    struct Networks {
        std::vector<Ipv4Prefix> ipv4;  ///< in order, none within another
        std::vector<Ipv6Prefix> ipv6;
        bool operator==(const Networks&) const = default;
    };

    /// Calls `changed` in the loop when what of() returns has changed, or a default route.
    /// Throws std::system_error.
    RoutedNetworks(boost::asio::io_context& loop, std::function<void()> changed);

    /// Follows the routes over `interfaces` from now on, and knows them on return.
    void setInterfaces(std::vector<InterfaceName> interfaces);
    /// Returns the networks behind the interface with that index; none when it is not followed.
    [[nodiscard]] Networks of(int index) const;

    void stop() { events_.stop(); }

private:
    void look();
    void read(nlmsghdr& message);
    [[nodiscard]] bool concernsUs(nlmsghdr& message);
    void ask(int index, int family, Networks& networks) const;

    std::function<void()> changed_;
    netlink::Socket query_;
    FollowedInterfaces interfaces_;
    std::map<int, Networks> networks_;
    bool defaultRouteMoved_ = false;  ///< since the last look
    KernelEvents events_;
};

}  // namespace igd
