// SPDX-License-Identifier: GPL-2.0-or-later
// The flows of PEER: a rule keeps a flow that is there, or makes it; when the rule goes the flow
// ends.
#pragma once

#include "conntrack/flow_table.h"

#include "upnpd/portmap/firewall.h"

#include <set>
#include <span>
#include <vector>

namespace igd::firewall {

/// Returns the flow of a rule with isFlow(), whose `remote` is one end of the Internet.
[[nodiscard]] FlowKey flowOf(const Rule& rule);

class PeerFlows {
public:
    /// `flows` must outlive this.
    explicit PeerFlows(FlowTable& flows) : flows_(flows) {}

    /// Carries out `delta`; flows that end go first. A flow whose rule stands in both lists is
    /// kept, or made again when it is gone. The end of a flow is never brought forward. Errors:
    /// Conflict (another flow has the external port), Backend; then the flows made here are ended
    /// and those ended made again, as far as that can be done.
    Result<void> apply(const RuleDelta& delta);

    /// Keeps or makes the flows of `rules`, as far as that can be done, and ends those that were
    /// made here for other rules.
    void replaceAll(std::span<const Rule> rules);

    /// Ends the flows that were made here. Flows that clients have begun themselves go on.
    void removeAll() { replaceAll({}); }
    /// Leaves them: another router has their rules.
    void forget() { made_.clear(); }

private:
    /// A flow that was ended (as it was before) or made (nullopt).
    struct Change {
        FlowKey key;
        std::optional<OutgoingFlow> before;
    };
    using Changes = std::vector<Change>;
    Result<void> hold(const Rule& rule, Changes& changes);
    Result<void> end(const FlowKey& key, Changes& changes);
    void undo(Changes changes);

    FlowTable& flows_;
    std::set<FlowKey> made_;
};

}  // namespace igd::firewall
