// SPDX-License-Identifier: GPL-2.0-or-later
// The interfaces as clients of a pair of routers are to see them: with the addresses that move from
// one router to the other, and without those that stay behind.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/system/interfaces.h"

#include <vector>

namespace igd {

class VirtualAddresses final : public Interfaces {
public:
    /// `interfaces` must outlive this. Without `addresses` all is as it is there.
    VirtualAddresses(const Interfaces& interfaces, std::vector<IpAddress> addresses);

    /// Returns how `name` is, without addresses whose network has a virtual one, be that there or
    /// not. A virtual one without a network (/32, /128) has that of the address which it stands
    /// beside.
    [[nodiscard]] InterfaceState state(const InterfaceName& name) const override;
    [[nodiscard]] std::optional<Ipv4Address> source(const InterfaceName& name) const override;
    [[nodiscard]] InterfaceCounters counters(const InterfaceName& name) const override;

private:
    template <class Prefix>
    void choose(std::vector<Prefix>& present) const;

    const Interfaces& interfaces_;
    const std::vector<IpAddress> addresses_;
};

}  // namespace igd
