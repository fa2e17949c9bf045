// SPDX-License-Identifier: GPL-2.0-or-later
// The front-end process speaks UPnP, NAT-PMP and PCP on one LAN. It owns nothing and has no rights;
// it asks the engine for whatever it needs. Or it answers requests for metrics, and nothing else.
#include "upnpd/igd/encodings.h"
#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/remote_gateway.h"
#include "upnpd/net/retries.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/neighbours.h"
#include "upnpd/system/privileges.h"
#include "upnpd/upnp/lan_server.h"
#include "upnpd/upnp/metrics_server.h"
#include "upnpd/util/log.h"
#include "upnpd/util/memory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace igd {
namespace {

/// Allows as many descriptors as the configuration's limits count on.
void limitDescriptors() {
    constexpr rlimit kLimit{1024, 1024};
    ::setrlimit(RLIMIT_NOFILE, &kLimit);
}

/// Returns what NAT-PMP and PCP tell of the gateway.
pcp::GatewayState stateIn(const GatewayStatus& status) {
    return {status.connected() ? status.externalAddress : std::nullopt, status.epochStart};
}

class FrontEnd {
public:
    FrontEnd()
        : channel_(loop_, UniqueFd{kEngineDescriptor}),
          calls_(loop_, channel_),
          gateway_(calls_),
          portControl_(calls_),
          retryTimer_(loop_),
          rest_(loop_),
          signals_(loop_, SIGTERM, SIGINT) {
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error) loop_.stop();
        });
        channel_.receive([this](ipc::Channel::Packet packet) { received(packet); },
                         [this] { loop_.stop(); });
    }

    int run() {
        loop_.run();
        calls_.close();
        if (server_ && !setup_->trial && !setup_->answersUntil) server_->sayGoodbye();
        return status_;
    }

private:
    void received(ipc::Channel::Packet packet) {
        auto message = ipc::decodeToFrontEnd(packet);
        if (!message) return fail("the engine sent what is no message");
        if (const auto* const answer = std::get_if<ipc::Answer>(&*message))
            return calls_.answered(*answer);
        if (const auto* const setup = std::get_if<ipc::Setup>(&*message)) return begin(*setup);
        if (std::holds_alternative<ipc::Ping>(*message)) return tell(ipc::Pong{});
        if (const auto* const debug = std::get_if<ipc::DebugMode>(&*message))
            return log::setDebugMode(debug->mode);
        if (const auto* const may = std::get_if<ipc::MayAnswer>(&*message)) {
            if (hosts_) hosts_->mayAnswerUntil(may->until);
            return;
        }
        if (!ports_) return;
        if (const auto* const addresses = std::get_if<ipc::AddressesChanged>(&*message))
            return addressesChanged(*addresses);
        setup_->status = std::get<ipc::StatusChanged>(*message).status;
        if (server_) server_->statusChanged(setup_->status);
        ports_->stateChanged(stateIn(setup_->status));
    }

    void addressesChanged(const ipc::AddressesChanged& now) {
        Lan& lan = setup_->server.lan;
        lan.addresses = now.addresses;
        lan.addresses6 = now.addresses6;
        lan.routed = now.routed;
        lan.routed6 = now.routed6;
        setup_->server.bootId = now.bootId;
        retries_->keep([&](const SocketName& socket) {
            const auto isGroupOrAny = [](const auto& address) {
                return address.isMulticast() || address.isUnspecified();
            };
            const IpAddress& address = socket.local.address;
            if (socket.tcp && !server_) return address == lan.first();
            return lan.isRouter(address) || std::visit(isGroupOrAny, address);
        });
        hosts_->addressesChanged(lan);
        ports_->addressesChanged(lan);
        if (server_)
            server_->addressesChanged(lan, now.bootId);
        else if (setup_->upnp && gate_.local.address != lan.first())
            openGate();
    }

    void begin(const ipc::Setup& message) {
        if (setup_) return fail("the engine sent a second setup");
        setup_ = decodeFrontEndSetup(message.settings);
        if (!setup_ ||
            (setup_->server.lan.addresses.empty() && setup_->server.lan.addresses6.empty()))
            return fail("the engine sent what is no setup");
        log::open(setup_->logTarget, setup_->trial ? 0 : setup_->debugMode);
        rest_.expires_after(kRestAfter);
        rest_.async_wait([](boost::system::error_code error) {
            if (!error) giveMemoryBack();
        });
        try {
            const Lan& lan = setup_->server.lan;
            retries_.emplace(lan.interface, retryParts());
            questions_.emplace(lan.interface);
            hosts_.emplace(lan, [this](const IpAddress& host) { return questions_->ask(host); });
            if (setup_->metrics) return beginMetrics();
            if (setup_->answersUntil) hosts_->mayAnswerUntil(*setup_->answersUntil);
            ports_.emplace(loop_, lan, setup_->portControl, portControl_, *hosts_, *retries_,
                           stateIn(setup_->status));
            beginUpnp();
        } catch (const std::exception& error) {
            log::error("upnp: {}: {}", setup_->server.lan.interface.text(), error.what());
            tell(ipc::Started{0, error.what()});
            fail("it cannot serve");
        }
    }

    /// Whoever reads metrics is not told of addresses: the engine ends this process when the one
    /// that it has is gone.
    void beginMetrics() {
        gate_ = {true, *setup_->metrics};
        const MetricsServer::Config config{setup_->server.lan.interface, *setup_->metrics,
                                           setup_->server.limits};
        const auto why = retries_->open(gate_, [this, config] {
            metrics_ = std::make_unique<MetricsServer>(loop_, config, gateway_, *hosts_);
        });
        if (why) tell(ipc::Started{0, *why});
        if (setup_->trial) loop_.stop();
    }

    /// A trial ends with its report, before it would answer anybody.
    void beginUpnp() {
        if (setup_->upnp)
            openGate();
        else
            tell(ipc::Started{});
        if (setup_->trial) loop_.stop();
    }

    /// The first address decides which port the gate has on all of them.
    void openGate() {
        gate_ = {true, {setup_->server.lan.first(), gatePort()}};
        if (const auto why = retries_->open(gate_, [this] { openServer(); }))
            tell(ipc::Started{0, *why});
    }

    /// Without a configured port it is the first free one, and named like this when there is none.
    [[nodiscard]] Port gatePort() const {
        return setup_->server.httpPort == 0 ? kFirstHttpPort : Port{setup_->server.httpPort};
    }

    /// While the gate's port is taken, NAT-PMP and PCP are served.
    void openServer() {
        server_ = std::make_unique<LanServer>(loop_, setup_->server, gateway_, *hosts_, *retries_,
                                              setup_->status,
                                              [interface = setup_->server.lan.interface](
                                                  const IpAddress& one, const IpAddress& other) {
                                                  return isSameHost(interface, one, other);
                                              });
        server_->start();
        server_->whenSubscribed([this](std::size_t count) {
            tell(ipc::Subscribers{static_cast<std::uint32_t>(count)});
        });
        if (!setup_->trial)
            log::change("upnp: http://{}:{}{} is served on {}", urlHost(gate_.local.address),
                        server_->httpPort(),
                        descriptionPath(asAnnounced(setup_->server.identity).profile),
                        setup_->server.lan.interface.text());
        server_->addressesChanged(setup_->server.lan, setup_->server.bootId);
    }

    Retries::Parts retryParts() {
        return {.now = [] { return Clock::now(); },
                .wake =
                    [this](TimePoint when) {
                        retryTimer_.expires_at(when);
                        retryTimer_.async_wait([this](boost::system::error_code error) {
                            if (!error) retries_->attempt();
                        });
                    },
                .changed =
                    [this] {
                        tell(ipc::Sockets{openSockets(), retries_->problems()});
                        tellStart();
                    }};
    }

    /// Says once that UPnP, or metrics, are served, when the engine knows by which sockets.
    void tellStart() {
        const auto open = retries_->opened();
        if ((!server_ && !metrics_) || startTold_ || std::ranges::find(open, gate_) == open.end())
            return;
        startTold_ = true;
        tell(ipc::Started{server_ ? server_->httpPort() : std::uint16_t{0}, ""});
    }

    /// The gate's listeners have one port, which may be another than that which was asked for.
    [[nodiscard]] std::vector<SocketName> openSockets() const {
        std::vector<SocketName> open = retries_->opened();
        for (SocketName& each : open)
            if (each.tcp && server_) each.local.port = Port{server_->httpPort()};
        return open;
    }

    void tell(const ipc::ToEngine& message) {
        const auto packet = ipc::encode(message);
        if (!packet || !ipc::isOnItsWay(channel_.send(*packet))) fail("the engine does not listen");
    }

    void fail(std::string_view why) {
        if (!why.empty()) log::debug("front end: {}", why);
        status_ = 1;
        loop_.stop();
    }

    boost::asio::io_context loop_{1};
    ipc::Channel channel_;
    ipc::CallTable calls_;
    // Each may have so many requests waiting: one protocol does not take the room of the other.
    ipc::RemoteGateway gateway_;
    ipc::RemoteGateway portControl_;
    boost::asio::steady_timer retryTimer_;
    boost::asio::steady_timer rest_;
    boost::asio::signal_set signals_;
    std::optional<FrontEndSetup> setup_;  ///< with what has changed since
    std::optional<Retries> retries_;
    std::optional<NeighbourQuestions> questions_;
    std::optional<HostKeys> hosts_;
    std::optional<PortControlServer> ports_;
    std::unique_ptr<LanServer> server_;
    std::unique_ptr<MetricsServer> metrics_;
    SocketName gate_;         ///< its first listener, as it was asked for
    bool startTold_ = false;  ///< that UPnP is served
    int status_ = 0;
};

int run() {
    takeNameOfDaemon();
    std::signal(SIGPIPE, SIG_IGN);
    dropAllRights();
    limitDescriptors();
    loadEncodings();
    confineFrontEnd();
    FrontEnd frontEnd;
    return frontEnd.run();
}

}  // namespace
}  // namespace igd

int main() {
    try {
        return igd::run();
    } catch (const std::exception& error) {
        igd::log::error("{}", error.what());
        return 1;
    }
}
