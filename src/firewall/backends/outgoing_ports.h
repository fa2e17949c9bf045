// SPDX-License-Identifier: GPL-2.0-or-later
// A flow that a client begins from its mapped port leaves by the external port of the mapping. When
// several mappings lead to one internal end, the oldest of them holds the place: the kernel's map
// has one port for it.
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
    /// used from now on, and those whose port no longer is; one that only changes its end stands in
    /// both lists.
    class Plan {
    public:
        [[nodiscard]] const RuleDelta& delta() const { return delta_; }

    private:
        friend OutgoingPorts;
        RuleDelta delta_;
        std::vector<Rule> removed_;
        std::vector<Rule> added_;
    };

    /// Returns the change of the map when the kernel takes `rules`. It costs what `rules` has, not
    /// what there is.
    [[nodiscard]] Plan plan(const RuleDelta& rules) const;
    /// The kernel has taken what was planned.
    void commit(const Plan& plan);

    /// Begins anew with `rules`; returns those whose port is used.
    [[nodiscard]] std::vector<Rule> reset(std::span<const Rule> rules);

private:
    /// The flows of an element: they begin at `internal`, and with a remote host go there.
    struct Source {
        IpEndpoint internal;
        Protocol protocol{};
        std::optional<PeerFilter> remote;
        auto operator<=>(const Source&) const = default;
    };
    using Holders = std::vector<Rule>;  ///< oldest first
    static Source sourceOf(const Rule& rule);
    [[nodiscard]] Holders holdersOf(const Source& source) const;

    std::map<Source, Holders> holders_;
};

}  // namespace igd::firewall
