// SPDX-License-Identifier: GPL-2.0-or-later
// Asks neighbours whether they are there now. The kernel asks them, as it does when an entry of its
// table has grown old (ARP, neighbour solicitation); no packet of ours is sent.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <compare>
#include <vector>

namespace igd {

struct Neighbour {
    InterfaceName interface;
    IpAddress address;
    auto operator<=>(const Neighbour&) const = default;
};

class HostProbe {
public:
    /// Makes the kernel ask each of them. Does not block. Without CAP_NET_ADMIN nobody is asked.
    explicit HostProbe(std::vector<Neighbour> hosts);

    /// Waits until all have answered, at most until `end`, and returns those that have not; where
    /// nobody could be asked, those that the kernel has sought in vain.
    [[nodiscard]] std::vector<Neighbour> silent(TimePoint end) const;

private:
    std::vector<Neighbour> hosts_;
    bool asked_ = true;
};

/// Returns the hosts of IPv4 whose hardware addresses the kernel knows there, a moment ago at
/// least.
[[nodiscard]] std::vector<IpAddress> knownNeighbours(const InterfaceName& interface);

}  // namespace igd
