// SPDX-License-Identifier: GPL-2.0-or-later
// Which external port the flows leave with that a mapped client begins from its mapped port. Where
// several mappings lead to one internal endpoint the oldest of them lends its port: the kernel's
// map holds one.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace igd::firewall {

class OutgoingPorts {
public:
    /// A change of the kernel's map that is not made yet. In `delta` stand the rules whose port is
    /// lent from now on, and those whose port no longer is; one that only changes its end stands in
    /// both lists.
    class Plan {
    public:
        [[nodiscard]] const RuleDelta& delta() const { return delta_; }

    private:
        friend OutgoingPorts;
        RuleDelta delta_;
        std::vector<Rule> gone_;
        std::vector<Rule> come_;
    };

    /// What becomes of the map when the kernel takes `rules`. Costs what `rules` has, not what
    /// there is.
    [[nodiscard]] Plan plan(const RuleDelta& rules) const;
    /// The kernel has taken what was planned.
    void commit(const Plan& plan);

    /// From nothing: the rules whose port is lent when `rules` are all there are.
    [[nodiscard]] std::vector<Rule> reset(std::span<const Rule> rules);

private:
    /// The flows that an element is about: they begin at `internal`, and with a remote host go
    /// there.
    struct Source {
        IpEndpoint internal;
        Protocol protocol{};
        std::optional<PeerFilter> remote;
        auto operator<=>(const Source&) const = default;
    };
    using Lenders = std::vector<Rule>;  ///< oldest first
    static Source sourceOf(const Rule& rule);
    [[nodiscard]] Lenders lendersOf(const Source& source) const;

    std::map<Source, Lenders> lenders_;
};

}  // namespace igd::firewall
