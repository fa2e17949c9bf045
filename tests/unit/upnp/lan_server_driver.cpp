// SPDX-License-Identifier: GPL-2.0-or-later
// The room by itself, for tests in network namespaces: lan_server_driver INTERFACE ADDRESS/LENGTH
// [PORT]. Mappings live in memory; SIGUSR1 changes the external address, SIGTERM ends it.
#include "upnpd/upnp/lan_server.h"
#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <map>

namespace {

using namespace igd;

class MemoryGateway final : public Gateway {
public:
    void ask(const GatewayRequest& request, TimePoint /*deadline*/, Answered answered) override {
        answered(std::visit([this](const auto& one) { return this->reply(one); }, request));
    }

    [[nodiscard]] GatewayStatus status() const {
        GatewayStatus status;
        status.linkUp = true;
        status.externalAddress = external_;
        status.connectedSince = start_;
        status.mappingCount = static_cast<std::uint32_t>(mappings_.size());
        return status;
    }
    void changeAddress() { external_ = Ipv4Address{external_.value() + 1}; }

private:
    GatewayReply reply(const MappingRequest& request) {
        const auto found = mappings_.find(request.key);
        if (found != mappings_.end() && found->second.internal.address != request.internal.address)
            return MappingError::Conflict;
        mappings_[request.key] = {request.key,     request.remoteHost,  request.internal,
                                  request.enabled, request.description, request.lease};
        return Done{};
    }
    GatewayReply reply(const AnyMappingRequest& request) {
        const GatewayReply added = reply(request.mapping);
        if (std::holds_alternative<Done>(added)) return request.mapping.key.externalPort;
        return added;
    }
    GatewayReply reply(const ReleaseRequest& request) {
        if (mappings_.erase(request.key) == 0) return MappingError::NotFound;
        return Done{};
    }
    GatewayReply reply(const FindMapping& request) {
        const auto found = mappings_.find(request.key);
        if (found == mappings_.end()) return MappingError::NotFound;
        return found->second;
    }
    GatewayReply reply(const MappingAt& request) {
        if (request.index >= mappings_.size()) return MappingError::IndexOutOfRange;
        return std::next(mappings_.begin(), request.index)->second;
    }
    GatewayReply reply(const GetStatus&) { return status(); }
    template <class Other>
    GatewayReply reply(const Other&) {
        return MappingError::NotFound;
    }

    std::map<MappingKey, MappingView> mappings_;
    Ipv4Address external_{0x50646464};  // 80.100.100.100
    const TimePoint start_ = Clock::now();
};

LanServerConfig configOf(const char* interface, const char* address, std::uint16_t port) {
    DeviceIdentity identity;
    identity.uuid = deriveUuid("driver", interface);
    identity.friendlyName = "Driver";
    identity.manufacturer = "upnpd";
    identity.modelName = "upnpd";
    identity.modelNumber = "0";
    identity.presentationUrl = "/";
    return {Lan{InterfaceName::parse(interface).value(), {parseIpv4Prefix(address).value()}}, port,
            identity, GateLimits{}};
}

int run(const LanServerConfig& config) {
    boost::asio::io_context loop{1};
    MemoryGateway gateway;
    HostKeys hosts{config.lan,
                   [](const IpAddress&) { return NeighbourEntry{NeighbourEntry::State::Valid}; }};
    Retries retries{config.lan.interface,
                    {[] { return Clock::now(); }, [](TimePoint) {}, [] {}}};  // once is enough here
    LanServer server{loop, config, gateway, hosts, retries, gateway.status()};
    server.start();
    std::printf("ready %u\n", server.httpPort());
    std::fflush(stdout);
    boost::asio::signal_set signals{loop, SIGTERM, SIGINT, SIGUSR1};
    std::function<void(boost::system::error_code, int)> onSignal = [&](boost::system::error_code,
                                                                       int number) {
        if (number != SIGUSR1) return loop.stop();
        gateway.changeAddress();
        server.statusChanged(gateway.status());
        signals.async_wait(onSignal);
    };
    signals.async_wait(onSignal);
    loop.run();
    server.sayGoodbye();
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) return 2;
    const char* const debug = std::getenv("DRIVER_DEBUG");
    log::open(log::Target::StandardError, debug != nullptr ? 3 : 1);
    const auto port =
        argc > 3 ? parseUnsigned<std::uint16_t>(argv[3]).value_or(0) : std::uint16_t{0};
    return run(configOf(argv[1], argv[2], port));
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
