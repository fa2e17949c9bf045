// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's neighbour tables (ARP, neighbour discovery) of the internal interfaces, kept up to
// date by the kernel's events.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/neighbours.h"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace igd {

/// Loop thread only. Asking costs no system call.
class NeighbourTable final : public Neighbours {
public:
    /// Reads the tables of `interfaces` and follows them from then on; one of these interfaces may
    /// come later. `observer` hears of what changes afterwards, never from within this constructor,
    /// and must outlive this. lookFor() needs CAP_NET_ADMIN. Throws std::system_error without
    /// netlink.
    NeighbourTable(boost::asio::io_context& loop, std::vector<InterfaceName> interfaces,
                   NeighbourObserver& observer);
    ~NeighbourTable() override;

    [[nodiscard]] std::optional<MacAddress> macOf(const InterfaceName& interface,
                                                  const IpAddress& host) const override;
    [[nodiscard]] std::vector<Ipv4Address> ipv4Of(const InterfaceName& interface,
                                                  const MacAddress& mac) const override;
    /// `host` is on link there. One that has answered just now is not looked for, one that was not
    /// found yet once a second at most, and all together 64 times a second.
    void lookFor(const InterfaceName& interface, const IpAddress& host) override;

    /// Follows the neighbours on `interfaces` from now on; those on others are forgotten, without a
    /// word to the observer.
    void setInterfaces(std::vector<InterfaceName> interfaces);

    /// No more calls of the observer.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
