// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's flows: which of them a change of rules leaves behind or keeps away, and their end.
// The kernel treats a flow as it did its first packet, whatever happens to the rule.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <map>
#include <memory>
#include <set>
#include <vector>

struct nl_sock;

namespace igd::firewall {

/// The port to which a remote host sends: the external one of a mapping, or that of a pinhole.
struct EntryPort {
    Protocol protocol{};
    Port port;
    auto operator<=>(const EntryPort&) const = default;
};

/// A flow as the kernel keeps it.
struct Flow {
    Protocol protocol{};
    IpEndpoint remote;       ///< the one who began it
    IpEndpoint destination;  ///< to which he sent
    IpEndpoint internal;     ///< who answers

    [[nodiscard]] EntryPort to() const { return {protocol, destination.port}; }
};

/// The end of an opening, and who is let in.
struct Target {
    IpEndpoint internal;
    std::vector<PeerFilter> filters{};  ///< empty: any
    bool operator==(const Target&) const = default;
};
using Targets = std::map<EntryPort, std::vector<Target>>;

/// The ends of a flow that has lost its opening. An answer that was on its way begins it anew, as
/// one of the client's own, and with the same external port where that is the internal one.
struct FlowEnds {
    Protocol protocol{};
    IpEndpoint internal;
    IpEndpoint remote;
    auto operator<=>(const FlowEnds&) const = default;
};

/// The knowledge that says which flows are to end.
struct FlowWork {
    Targets ended{};  ///< by these openings flows were let in
    Targets live{};   ///< openings of now, on the ports of `ended`
    /// External ports that have a mapping since, and the addresses where the router itself got
    /// their packets until then.
    std::set<EntryPort> granted{};
    std::vector<Ipv4Address> own{};
    /// External addresses that are so no more, and the openings that were reached there.
    std::vector<Ipv4Address> left{};
    Targets reached{};
    std::set<FlowEnds> answered{};  ///< ended a moment ago: they may have begun anew

    [[nodiscard]] bool empty() const { return ended.empty() && granted.empty() && left.empty(); }
};

/// Returns whether `flow` was let in by one of `ended` and no rule of `live` would let it in now.
[[nodiscard]] bool isOrphan(const Flow& flow, const Targets& ended, const Targets& live);

/// Returns whether `flow` is one to the router itself, by which it would go on to get the packets
/// of a port in `work.granted`.
[[nodiscard]] bool isKeptFromMapping(const Flow& flow, const FlowWork& work);

/// Returns whether `flow` was begun by the answer to one that has ended.
[[nodiscard]] bool isBegunAnew(const Flow& flow, const FlowWork& work);

/// Returns whether `flow` came to an address that openings have left.
[[nodiscard]] bool isLeftBehind(const Flow& flow, const FlowWork& work);

/// One netlink socket; one thread at a time.
class Conntrack {
public:
    /// Without conntrack in the kernel flows just live on.
    Conntrack();

    /// Ends the flows that `work` is about. The kernel walks its whole table for that, some ten
    /// milliseconds on a big router. Returns those that had lost their opening.
    std::set<FlowEnds> end(const FlowWork& work);

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace igd::firewall
