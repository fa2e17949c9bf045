// SPDX-License-Identifier: GPL-2.0-or-later
// A flow that a client begins from its mapped port leaves by the mapping's external port, so that
// two consoles with one game are told apart by its servers. The administrator alone decides whether
// a flow is translated, and to which address. The port follows from two habits of the kernel when
// his rule names none (get_unique_tuple() in nf_nat_core.c): a port that is free is kept, which
// does for a mapping to the same port; and a new flow gets the end that another flow of its source
// has already, if the rule allows that end and nobody else uses it. So for a mapping to another
// port connection tracking holds a flow from the client to an address that nobody has.
#pragma once

#include "backends/outgoing_ports.h"
#include "conntrack/flow_table.h"

#include <map>
#include <optional>
#include <span>

namespace igd::firewall {

class LentPorts {
public:
    /// `flows` must outlive this.
    explicit LentPorts(FlowTable& flows) : flows_(flows) {}

    /// The kernel has taken these mappings. A port that cannot be lent is none of their faults:
    /// the client's own flows get any port then.
    void apply(const RuleDelta& mappings);
    /// These are the only mappings.
    void replaceAll(std::span<const Rule> mappings);
    /// The ports are lent at that address from now on; nullopt: nowhere.
    void externalAddressIs(std::optional<Ipv4Address> address);

private:
    void lend(const Rule& rule);
    void make(const FlowKey& key, const OutgoingFlow& wanted);
    void takeBack(const FlowKey& key);

    FlowTable& flows_;
    OutgoingPorts ports_;
    std::optional<Ipv4Address> external_;
    std::map<FlowKey, Rule> lent_;
};

}  // namespace igd::firewall
