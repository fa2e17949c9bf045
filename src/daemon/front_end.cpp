// SPDX-License-Identifier: GPL-2.0-or-later
// The front-end process speaks UPnP, NAT-PMP and PCP on one LAN. It owns nothing and has no rights;
// it asks the engine for whatever it needs.
#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/remote_gateway.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/neighbours.h"
#include "upnpd/system/privileges.h"
#include "upnpd/upnp/lan_server.h"
#include "upnpd/util/log.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

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
        if (const auto* const addresses = std::get_if<ipc::AddressesChanged>(&*message)) {
            const Lan lan{.interface = *interface_,
                          .addresses = addresses->addresses,
                          .addresses6 = addresses->addresses6,
                          .routed = addresses->routed,
                          .routed6 = addresses->routed6};
            hosts_->addressesChanged(lan);
            ports_->addressesChanged(lan);
            if (server_) server_->addressesChanged(lan, addresses->bootId);
            return;
        }
        const GatewayStatus& status = std::get<ipc::StatusChanged>(*message).status;
        if (server_) server_->statusChanged(status);
        ports_->stateChanged(stateIn(status));
    }

    void begin(const ipc::Setup& message) {
        auto setup = decodeFrontEndSetup(message.settings);
        if (!setup || setup->server.lan.addresses.empty() || ports_)
            return fail("the engine sent what is no setup");
        log::open(setup->logTarget, setup->debugMode);
        try {
            interface_ = setup->server.lan.interface;
            questions_.emplace(*interface_);
            hosts_.emplace(setup->server.lan,
                           [this](const IpAddress& host) { return questions_->ask(host); });
            ports_.emplace(loop_, setup->server.lan, setup->portControl, portControl_, *hosts_,
                           stateIn(setup->status));
            if (!setup->upnp) return started("");
            server_ = std::make_unique<LanServer>(
                loop_, std::move(setup->server), gateway_, *hosts_, setup->status,
                [interface = *interface_](const IpAddress& one, const IpAddress& other) {
                    return isSameHost(interface, one, other);
                });
            server_->start();
            started("");
        } catch (const std::exception& error) {
            started(error.what());
        }
    }

    void started(const std::string& error) {
        const std::uint16_t port = server_ ? server_->httpPort() : std::uint16_t{0};
        tell(ipc::Started{port, error});
        if (!error.empty()) fail(error);
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
    boost::asio::signal_set signals_;
    std::optional<InterfaceName> interface_;  ///< once the setup is there
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
