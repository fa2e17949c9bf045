// SPDX-License-Identifier: GPL-2.0-or-later
// The front-end process speaks UPnP, NAT-PMP and PCP on one LAN. It owns nothing and has no rights;
// it asks the engine for whatever it needs.
#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/remote_gateway.h"
#include "upnpd/net/retries.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/neighbours.h"
#include "upnpd/system/privileges.h"
#include "upnpd/upnp/lan_server.h"
#include "upnpd/util/log.h"
#include "upnpd/util/memory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <memory>
#include <optional>
#include <string>

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
        if (server_) server_->sayGoodbye();
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
            return lan.isRouter(address) || std::visit(isGroupOrAny, address);
        });
        hosts_->addressesChanged(lan);
        ports_->addressesChanged(lan);
        if (server_) server_->addressesChanged(lan, now.bootId);
    }

    void begin(const ipc::Setup& message) {
        if (setup_) return fail("the engine sent a second setup");
        setup_ = decodeFrontEndSetup(message.settings);
        if (!setup_ || setup_->server.lan.addresses.empty())
            return fail("the engine sent what is no setup");
        log::open(setup_->logTarget, setup_->debugMode);
        rest_.expires_after(kRestAfter);
        rest_.async_wait([](boost::system::error_code error) {
            if (!error) giveMemoryBack();
        });
        try {
            const Lan& lan = setup_->server.lan;
            retries_.emplace(lan.interface, retryParts());
            questions_.emplace(lan.interface);
            hosts_.emplace(lan, [this](const IpAddress& host) { return questions_->ask(host); });
            ports_.emplace(loop_, lan, setup_->portControl, portControl_, *hosts_, *retries_,
                           stateIn(setup_->status));
            if (!setup_->upnp) return tell(ipc::Started{});
            const SocketName gate{true, {lan.addresses.front().address, gatePort()}};
            if (const auto why = retries_->open(gate, [this] { openServer(); }))
                tell(ipc::Started{0, *why});
        } catch (const std::exception& error) {
            log::error("upnp: {}: {}", setup_->server.lan.interface.text(), error.what());
            tell(ipc::Started{0, error.what()});
            fail("it cannot serve");
        }
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
        server_->addressesChanged(setup_->server.lan, setup_->server.bootId);
        tell(ipc::Started{server_->httpPort(), ""});
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
                .changed = [this] { tell(ipc::Problems{retries_->problems()}); }};
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
    int status_ = 0;
};

int run() {
    takeNameOfDaemon();
    std::signal(SIGPIPE, SIG_IGN);
    dropAllRights();
    limitDescriptors();
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
        igd::log::notice("{}", error.what());
        return 1;
    }
}
