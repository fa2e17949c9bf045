// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's flows: which of them a change of rules leaves behind, and their end. The kernel
// translates a flow as its first packet was, whatever happens to the rule.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <map>
#include <memory>
#include <vector>

struct nl_sock;

namespace igd::firewall {

/// The external end of a mapping.
struct MappedPort {
    Protocol protocol{};
    Port port;
    auto operator<=>(const MappedPort&) const = default;
};

/// A flow that a mapping let in, as the kernel keeps it.
struct Flow {
    MappedPort to;        ///< the port that the remote host sent to
    IpEndpoint remote;    ///< the one who began it
    IpEndpoint internal;  ///< the one who answers
};

/// The end of a mapping, and who is let in.
struct Target {
    IpEndpoint internal;
    std::vector<PeerFilter> filters{};  ///< empty: any
    bool operator==(const Target&) const = default;
};
using Targets = std::map<MappedPort, std::vector<Target>>;

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
