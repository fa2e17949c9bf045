// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's flows: which of them a change of rules leaves behind, and their end. The kernel
// translates a flow as its first packet was, whatever happens to the rule.
#pragma once

#include "upnpd/portmap/mapping.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

struct nl_sock;

namespace igd::firewall {

/// As the kernel keeps it for a flow that a mapping let in.
struct Flow {
    MappingKey key;      ///< the port that the remote host sent to
    Ipv4Address remote;  ///< who began it
    Port remotePort;
    Endpoint internal;  ///< whom the answers come from
};

/// Where a mapping leads, and for whom.
struct Target {
    Endpoint internal;
    std::optional<Ipv4Address> remoteHost;
    std::vector<PeerFilter> filters{};
    bool operator==(const Target&) const = default;
};
using Targets = std::map<MappingKey, std::vector<Target>>;

/// `flow` was let in by one of `ended` and no rule of `live` would let it in now.
[[nodiscard]] bool isOrphan(const Flow& flow, const Targets& ended, const Targets& live);

/// One netlink socket; one thread at a time.
class Conntrack {
public:
    /// Without conntrack in the kernel flows just live on.
    Conntrack();

    /// Ends the orphans. The kernel walks its whole table for that, some ten milliseconds on a big
    /// router.
    void endOrphans(const Targets& ended, const Targets& live);

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace igd::firewall
