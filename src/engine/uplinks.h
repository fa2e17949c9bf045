// SPDX-License-Identifier: GPL-2.0-or-later
// The external interfaces that the configuration names: the one in use, those that wait for their
// turn, or all of them at once; where mapped ports are found there.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/external/wan.h"
#include "upnpd/portmap/firewall.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace igd {

class Uplinks {
public:
    /// Returns the interface by which packets of a client leave; nullopt: not known.
    using LeavesBy = std::function<std::optional<InterfaceName>(Ipv4Address client)>;

    /// `interfaces` must outlive this.
    Uplinks(const Interfaces& interfaces, LeavesBy leavesBy)
        : interfaces_(interfaces), leavesBy_(std::move(leavesBy)) {}

    /// Looks at the interfaces; `first` is the one whose address clients are told. Returns whether
    /// mapped ports are found at other places of several interfaces that are in use at once.
    [[nodiscard]] bool look(const Configuration& configuration, const Wan& first, TimePoint now);

    /// Returns the sides as of the last look, with addresses.
    [[nodiscard]] const Sides& sides() const { return sides_; }
    /// Returns every address of the interfaces but of the first: a service of the router on any of
    /// them is in the way of a mapping.
    [[nodiscard]] const std::vector<Ipv4Address>& others() const { return others_; }
    /// Returns `first`, where mapped ports are found at the first interface, and where they are
    /// found at the others.
    [[nodiscard]] std::vector<Ipv4Address> mappedAt(std::vector<Ipv4Address> first) const;
    /// Returns what External::elsewhere is to be; empty where one interface is in use.
    [[nodiscard]] std::function<std::optional<Ipv4Address>(Ipv4Address)> elsewhere();
    /// Returns "wan0 at 80.1.2.3, wan1 at no address" for people.
    [[nodiscard]] std::string describe() const;

private:
    [[nodiscard]] std::optional<Ipv4Address> addressFor(Ipv4Address client, TimePoint now);

    /// Kept for some seconds, so that not each request asks the kernel's routing.
    struct Answer {
        std::optional<Ipv4Address> address;
        TimePoint until;
    };

    const Interfaces& interfaces_;
    LeavesBy leavesBy_;
    Sides sides_{.external = InterfaceName::none(), .internal = {}};
    std::vector<Ipv4Address> others_;
    std::map<Ipv4Address, Answer> answers_;
};

}  // namespace igd
