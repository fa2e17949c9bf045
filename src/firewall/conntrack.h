// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the flows of mappings that are gone or lead elsewhere: the kernel translates a flow as its first
// packet was, whatever happens to the rule.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

struct nl_sock;

namespace igd::firewall {

/// As the kernel keeps it for a flow that a mapping let in.
struct Flow {
    MappingKey key;      ///< the port that the remote host sent to
    Ipv4Address remote;  ///< who began it
    Endpoint internal;   ///< whom the answers come from
};

/// Where a mapping leads, and for whom.
struct Target {
    Endpoint internal;
    std::optional<Ipv4Address> remoteHost;
    bool operator==(const Target&) const = default;
};
using Targets = std::map<MappingKey, std::vector<Target>>;

/// `flow` was let in by one of `ended` and no rule of `live` would let it in now.
[[nodiscard]] bool isOrphan(const Flow& flow, const Targets& ended, const Targets& live);

/// Knows the rules that are in the kernel, so that each change ends just the flows that lost theirs.
class FlowEnder {
public:
    /// Opens a netlink socket and keeps it. Without one (no conntrack in the kernel) flows just live on.
    FlowEnder();
    ~FlowEnder();

    void applied(const RuleDelta& delta);
    void replaced(std::span<const Rule> rules);
    void removed() { replaced({}); }

private:
    void end(Targets ended);

    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    std::unique_ptr<nl_sock, Free> socket_;
    Targets live_;  ///< one target a key
};

}  // namespace igd::firewall
