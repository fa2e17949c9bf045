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
#include <mutex>
#include <vector>

namespace {

using namespace igd;

class MemoryGateway final : public PortMappingService {
public:
    Result<void> addPortMapping(const MappingRequest& request) override {
        const std::scoped_lock lock{mutex_};
        const auto found = mappings_.find(request.key);
        if (found != mappings_.end() && found->second.internal.address != request.internal.address)
            return fail(MappingError::Conflict);
        mappings_[request.key] = {request.key,     request.remoteHost,  request.internal,
                                  request.enabled, request.description, request.lease};
        return {};
    }

    Result<void> deletePortMapping(const ReleaseRequest& request) override {
        const std::scoped_lock lock{mutex_};
        if (mappings_.erase(request.key) == 0) return fail(MappingError::NotFound);
        return {};
    }

    Result<Port> addAnyPortMapping(const MappingRequest& request) override {
        const auto added = addPortMapping(request);
        return added ? Result<Port>{request.key.externalPort} : fail(added.error());
    }
    Result<void> deletePortMappings(const RangeRequest& /*request*/) override {
        return fail(MappingError::NotFound);
    }
    Result<std::vector<MappingView>> portMappings(const RangeRequest& /*request*/,
                                                  std::size_t /*limit*/) override {
        return fail(MappingError::NotFound);
    }
    Result<MappingView> portMapping(const MappingKey& key, Ipv4Address /*requester*/) override {
        const std::scoped_lock lock{mutex_};
        const auto found = mappings_.find(key);
        if (found == mappings_.end()) return fail(MappingError::NotFound);
        return found->second;
    }

    Result<MappingView> portMappingAt(std::uint32_t index, Ipv4Address /*requester*/) override {
        const std::scoped_lock lock{mutex_};
        if (index >= mappings_.size()) return fail(MappingError::IndexOutOfRange);
        return std::next(mappings_.begin(), index)->second;
    }

    Result<PinholeId> addPinhole(const PinholeRequest& /*request*/) override {
        return fail(MappingError::NotAuthorized);
    }
    Result<void> updatePinhole(PinholeId /*id*/, Seconds /*lease*/,
                               const IpAddress& /*requester*/) override {
        return fail(MappingError::NotFound);
    }
    Result<void> deletePinhole(PinholeId /*id*/, const IpAddress& /*requester*/) override {
        return fail(MappingError::NotFound);
    }
    Result<std::uint64_t> pinholePackets(PinholeId /*id*/,
                                         const IpAddress& /*requester*/) override {
        return fail(MappingError::NotFound);
    }
    Result<Seconds> outboundTimeout(Protocol /*protocol*/) override {
        return fail(MappingError::NotFound);
    }
    Result<GatewayStatus> status() override {
        const std::scoped_lock lock{mutex_};
        GatewayStatus status;
        status.linkUp = true;
        status.externalAddress = external_;
        status.connectedFor = Seconds{60};
        status.mappingCount = static_cast<std::uint32_t>(mappings_.size());
        return status;
    }

    GatewayStatus changeAddress() {
        {
            const std::scoped_lock lock{mutex_};
            external_ = Ipv4Address{external_.value() + 1};
        }
        return *status();
    }

private:
    std::mutex mutex_;
    std::map<MappingKey, MappingView> mappings_;
    Ipv4Address external_{0x50646464};  // 80.100.100.100
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
    LanServer server{loop, config, gateway};
    server.statusChanged(*gateway.status());
    int result = 0;
    server.start([&](const std::string& error) {
        std::printf("%s\n", error.empty() ? ("ready " + std::to_string(server.httpPort())).c_str()
                                          : error.c_str());
        std::fflush(stdout);
        if (error.empty()) return;
        result = 1;
        loop.stop();
    });
    boost::asio::signal_set signals{loop, SIGTERM, SIGINT, SIGUSR1};
    std::function<void(boost::system::error_code, int)> onSignal = [&](boost::system::error_code,
                                                                       int number) {
        if (number != SIGUSR1) return loop.stop();
        server.statusChanged(gateway.changeAddress());
        signals.async_wait(onSignal);
    };
    signals.async_wait(onSignal);
    loop.run();
    server.stop();
    return result;
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
