// SPDX-License-Identifier: GPL-2.0-or-later
// NAT-PMP and PCP in the engine: which table a request is for, the flows that PEER keeps, and the
// epoch.
#pragma once

#include "pinhole_service.h"

#include "upnpd/external/wan.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/ipc/messages.h"
#include "upnpd/portmap/peers.h"
#include "upnpd/portmap/port_mapper.h"
#include "upnpd/supervisor/front_ends.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace igd {

struct PortControlParts {
    PortMapper& mapper;
    PinholeService* pinholes;  ///< nullptr: there are none
    const Wan& wan;
    bool pinholesAllowed = true;
};

class PortControl {
public:
    PortControl(boost::asio::io_context& loop, Policy policy, PortControlParts parts);

    /// What the port mapper can do together with others; nullopt: something else.
    [[nodiscard]] static std::optional<AskedPort> forMapper(const Asked& asked);
    [[nodiscard]] std::vector<ipc::Reply> answerAll(std::span<const AskedPort> asked);

    /// What is left for the pinholes: clients of IPv6.
    [[nodiscard]] ipc::Reply answer(const PortRequest& request, const Lan& lan);
    [[nodiscard]] ipc::Reply answer(const PortRelease& request, const Lan& lan);
    [[nodiscard]] ipc::Reply answer(const PeerRequest& request, const Lan& lan);

    /// In force from the next request on.
    void changePolicy(Policy policy, bool pinholesAllowed);

    /// Mappings were lost, or lead somewhere else: clients are to ask again (RFC 6887 section 8.5).
    void beginEpoch();
    /// Clients are to ask again, and what they have stays: they are told another address.
    void renewEpoch() { epochStart_ = Clock::now(); }
    [[nodiscard]] TimePoint epochStart() const { return epochStart_; }

    void stop() { refresh_.cancel(); }

private:
    [[nodiscard]] PortAnswer map(const PortRequest& request, const Lan& lan);
    [[nodiscard]] PortAnswer unmap(const PortRelease& request, const Lan& lan);
    [[nodiscard]] PortAnswer peer(const PeerRequest& request, const Lan& lan);
    [[nodiscard]] PortAnswer peerOfFour(PeerRequest request, Ipv4Address client, const Lan& lan);
    [[nodiscard]] PortAnswer keepPeer(const PeerRequest& request, const Lan& lan,
                                      const PeerContext& context);
    void planRefresh();

    PortControlParts parts_;
    std::unique_ptr<FlowTable> flows_;
    Peers peers_;
    boost::asio::steady_timer refresh_;
    bool refreshPlanned_ = false;
    TimePoint epochStart_ = Clock::now();
};

}  // namespace igd
