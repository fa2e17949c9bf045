// SPDX-License-Identifier: GPL-2.0-or-later
// A flow that a client begins from its mapped port leaves by the external port of the mapping. When
// several mappings lead to one internal end, the oldest of them lends its port.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <map>
#include <span>
#include <vector>

namespace igd::firewall {

class OutgoingPorts {
public:
    /// Takes in a change of mappings. Returns those whose port is lent from now on, and those whose
    /// port no longer is; one that only changes its end stands in both lists. It costs what `rules`
    /// has, not what there is.
    RuleDelta apply(const RuleDelta& rules);

    /// Begins anew with `rules`; returns those whose port is lent.
    [[nodiscard]] std::vector<Rule> reset(std::span<const Rule> rules);

private:
    /// Where the flows begin.
    struct Source {
        IpEndpoint internal;
        Protocol protocol{};
        auto operator<=>(const Source&) const = default;
    };
    using Holders = std::vector<Rule>;  ///< oldest first
    static Source sourceOf(const Rule& rule);
    [[nodiscard]] Holders holdersOf(const Source& source) const;

    std::map<Source, Holders> holders_;
};

}  // namespace igd::firewall
