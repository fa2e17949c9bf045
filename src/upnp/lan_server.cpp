// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of the room are put together here, in the order in which they need each other.
#include "upnpd/upnp/lan_server.h"

#include "gena/gena_handler.h"
#include "http/gate_router.h"
#include "http/http_listener.h"
#include "http/soap_handler.h"
#include "page/page.h"
#include "page/page_actions.h"
#include "ssdp/search_responder.h"

#include "upnpd/upnp/notifier.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <map>

namespace igd {
namespace {

using namespace upnp;

/// The bytes of all bodies that are on their way. A host that sends has a quarter of it, and a
/// quarter is kept for hosts that send nothing yet.
constexpr std::size_t kBodies = 4 << 20;

/// The longest body fits in whatever is left for a host.
HostQuota budgetFor(const GateLimits& limits) {
    const std::size_t all = std::max(kBodies, 4 * limits.bodyBytes);
    return {all / 4, all};
}

}  // namespace

class LanServer::Impl {
public:
    /// `gate` listens on the first address.
    Impl(boost::asio::io_context& loop, LanServerConfig config, Acceptor gate, Gateway& gateway,
         HostKeys& hosts, Retries& retries, const GatewayStatus& status, SameHost sameHost)
        : loop_(loop),
          retries_(retries),
          config_(std::move(config)),
          lan_(config_.lan),
          status_(status),
          bootId_(config_.bootId),
          port_{gate.local_endpoint().port()},
          deadlines_(loop),
          control_(gateway, config_.identity, status_),
          events_(
              loop, deadlines_, config_,
              [this, sameHost = std::move(sameHost)](const IpAddress& one, const IpAddress& other) {
                  const bool isNeighbour = lan_.isOnLink(other) && lan_.isHost(other);
                  return isNeighbour && sameHost ? sameHost(one, other) : false;
              }),
          page_(gateway, config_.identity),
          actions_(gateway, config_.pageHash,
                   [this](const IpAddress& host) { page_.forget(host); }),
          router_(config_.identity, control_, events_, page_, actions_),
          gateConnections_(config_.limits.connectionsPerPeer, config_.limits.connectionsTotal),
          gateRequests_({config_.limits.requestsPerSecondPerPeer, config_.limits.requestsPerSecond,
                         config_.limits.connectionsPerPeer}),
          bodies_(budgetFor(config_.limits)),
          gateParts_{router_,       deadlines_, config_.limits, gateConnections_,
                     gateRequests_, bodies_,    hosts},
          searches_(loop, config_, port_, hosts, retries) {
        addGate(lan_.first(), std::move(gate));
        events_.statusChanged(status_);
    }

    void start() {
        for (auto& [address, gate] : gates_) gate.start();
        searches_.start();
    }

    [[nodiscard]] std::uint16_t httpPort() const { return port_.value; }

    /// Listens on each address, with one port for all.
    void addressesChanged(const Lan& lan, std::uint32_t bootId) {
        lan_ = lan;
        bootId_ = bootId;
        for (auto gate = gates_.begin(); gate != gates_.end();) {
            const bool stays = lan_.isRouter(gate->first);
            if (!stays) gate->second.close();
            gate = stays ? std::next(gate) : retire(gate);
        }
        for (const Ipv4Prefix& each : lan_.addresses) openGate(each.address);
        for (const Ipv6Prefix& each : lan_.addresses6) openGate(each.address);
        searches_.addressesChanged(lan_, bootId);
    }

    void statusChanged(const GatewayStatus& status) {
        status_ = status;
        events_.statusChanged(status);
    }

    void whenSubscribed(std::function<void(std::size_t)> changed) {
        events_.whenCounted(std::move(changed));
    }

    void sayGoodbye() const {
        const DeviceIdentity shown = asAnnounced(config_.identity);
        const Notifier notifier{{lan_, port_, bootId_, configurationId(shown), shown.profile}};
        notifier.sayGoodbye(searchTargets(shown));
    }

private:
    /// Opens a listener on a further address. It is another way in: where it cannot be had, the
    /// others do.
    void openGate(const IpAddress& address) {
        if (gates_.contains(address)) return;
        retries_.open({true, {address, port_}}, [this, address] {
            addGate(address, listenOnLan(loop_, config_.lan.interface, address, httpPort()))
                .start();
        });
    }

    HttpListener& addGate(const IpAddress& address, Acceptor acceptor) {
        const auto isAdmitted = [this](const IpAddress& peer) { return isLanHost(peer); };
        return gates_
            .try_emplace(address, std::move(acceptor), IpEndpoint{address, port_}, isAdmitted,
                         gateParts_)
            .first->second;
    }

    /// Moves a listener out of use. Its handlers run once more after it is closed, so it lives
    /// until they have.
    std::map<IpAddress, HttpListener>::iterator retire(
        std::map<IpAddress, HttpListener>::iterator gate) {
        const auto next = std::next(gate);
        boost::asio::post(
            loop_, [node = std::make_shared<decltype(gates_)::node_type>(gates_.extract(gate))] {});
        return next;
    }

    /// A program on the router itself is welcome.
    [[nodiscard]] bool isLanHost(const IpAddress& peer) const {
        return lan_.isHost(peer) || lan_.isRouter(peer);
    }

    boost::asio::io_context& loop_;
    Retries& retries_;
    const LanServerConfig config_;
    Lan lan_;
    GatewayStatus status_;  ///< as it was announced last
    std::uint32_t bootId_;
    const Port port_;  ///< of the gate, on each address
    Deadlines deadlines_;
    SoapHandler control_;
    GenaHandler events_;
    Page page_;
    PageActions actions_;
    GateRouter router_;
    ConnectionQuota gateConnections_;
    FairLimit gateRequests_;
    HostQuota bodies_;
    const HttpParts gateParts_;
    std::map<IpAddress, HttpListener> gates_;  ///< the gate's listeners by their address
    SearchResponder searches_;
};

LanServer::LanServer(boost::asio::io_context& loop, const LanServerConfig& config, Gateway& gateway,
                     HostKeys& hosts, Retries& retries, const GatewayStatus& status,
                     SameHost sameHost)
    : impl_(std::make_unique<Impl>(
          loop, config,
          listenOnLan(loop, config.lan.interface, config.lan.first(), config.httpPort), gateway,
          hosts, retries, status, std::move(sameHost))) {}

LanServer::~LanServer() = default;

void LanServer::start() {
    impl_->start();
}

std::uint16_t LanServer::httpPort() const {
    return impl_->httpPort();
}

void LanServer::addressesChanged(const Lan& lan, std::uint32_t bootId) {
    impl_->addressesChanged(lan, bootId);
}

void LanServer::statusChanged(const GatewayStatus& status) {
    impl_->statusChanged(status);
}

void LanServer::whenSubscribed(std::function<void(std::size_t)> changed) {
    impl_->whenSubscribed(std::move(changed));
}

void LanServer::sayGoodbye() const {
    impl_->sayGoodbye();
}

}  // namespace igd
