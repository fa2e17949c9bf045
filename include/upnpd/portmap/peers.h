// SPDX-License-Identifier: GPL-2.0-or-later
// Flows that clients begin and that PCP keeps for them (PEER, RFC 6887 section 12): the one place
// where that is granted. Pure but for the interfaces it is given; lives in the engine's loop
// thread.
#pragma once

#include "upnpd/portmap/policy.h"
#include "upnpd/portmap/port_control.h"

#include <functional>
#include <map>
#include <optional>

namespace igd {

/// A flow as its first packet has it, before the router translates it.
struct FlowKey {
    Protocol protocol{};
    IpAddress client;
    Port clientPort;
    IpAddress remote;
    Port remotePort;
    auto operator<=>(const FlowKey&) const = default;
};

/// What the kernel makes of it.
struct OutgoingFlow {
    IpAddress externalAddress;
    Port externalPort;
    Seconds timeout{0};  ///< without a packet it is forgotten then
};

/// The seam to the kernel's list of flows.
class FlowTable {
public:
    virtual ~FlowTable() = default;
    /// nullopt: there is none.
    [[nodiscard]] virtual std::optional<OutgoingFlow> find(const FlowKey& flow) = 0;
    /// Errors: Conflict (that external port is another flow's to that remote peer), Backend.
    virtual Result<void> create(const FlowKey& flow, const OutgoingFlow& made) = 0;
    /// It is forgotten in `timeout` at the earliest. Errors: NotFound, Backend.
    virtual Result<void> keep(const FlowKey& flow, Seconds timeout) = 0;
};

/// What is to be known of the mappings.
struct PeerContext {
    IpAddress external;                ///< the router's address; of IPv6, the client's own
    std::optional<Port> externalPort;  ///< of a mapping that leads to the client's port
    std::size_t mappings = 0;          ///< that the client has
    /// That external port is neither the router's own nor another client's.
    std::function<bool(Port)> isFree = [](Port) { return true; };
};

class Peers {
public:
    Peers(Policy policy, FlowTable& flows) : policy_(std::move(policy)), flows_(flows) {}

    /// Makes the flow, or keeps the one that is there. Its end is never brought forward (RFC 6887
    /// section 12.3). Errors: NotAuthorized, Conflict, QuotaExceeded, TableFull, Backend.
    PortAnswer request(const PeerRequest& request, const Lan& lan, const PeerContext& context,
                       TimePoint now);

    /// The kernel's own timeouts are shorter: to be called every kRefresh while there are any.
    void refresh(TimePoint now);
    /// In force from the next request on; what was kept is kept until its lease ends.
    void changePolicy(Policy policy) { policy_ = std::move(policy); }
    /// The external address is another one: nothing of them is left.
    void clear() { peers_.clear(); }
    [[nodiscard]] bool empty() const { return peers_.empty(); }

    static constexpr Seconds kRefresh{10};

private:
    struct Peer {
        Nonce nonce{};
        OutgoingFlow flow;
        TimePoint expiresAt;
    };
    [[nodiscard]] std::optional<PortRefusal> refusal(const PeerRequest& request, const Lan& lan,
                                                     const PeerContext& context) const;
    Result<OutgoingFlow> make(const FlowKey& key, const PeerRequest& request,
                              const PeerContext& context, Seconds lifetime);

    Policy policy_;
    FlowTable& flows_;
    std::map<FlowKey, Peer> peers_;
};

}  // namespace igd
