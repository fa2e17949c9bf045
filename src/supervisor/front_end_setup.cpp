// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/supervisor/front_end_setup.h"

#include "upnpd/ipc/status_fields.h"

#include <utility>

namespace igd {
namespace {

constexpr std::size_t kMaxText = 1024;
/// A line of the configuration has no room for more.
constexpr std::size_t kMaxThirdParties = 512;
constexpr int kMaxDebugMode = 3;

}  // namespace

namespace ipc {

template <class Io, Is<DeviceIdentity> M>
void fields(Io& io, M& m) {
    for (auto* const text :
         {&m.uuid, &m.friendlyName, &m.manufacturer, &m.manufacturerUrl, &m.modelName,
          &m.modelNumber, &m.modelDescription, &m.modelUrl, &m.serialNumber, &m.presentationUrl})
        io.text(*text, kMaxText);
    enumerator(io, m.profile.version, IgdVersion::Two);
    io.require(m.profile.version >= IgdVersion::One);
    io(m.profile.pinholes);
}

template <class Io, Is<GateLimits> M>
void fields(Io& io, M& m) {
    io(m.connectionsPerPeer, m.connectionsTotal, m.headerBytes, m.bodyBytes, m.requestTime,
       m.requestsPerSecondPerPeer, m.requestsPerSecond, m.subscriptionsPerPeer,
       m.subscriptionsTotal, m.searchesPerSecondPerPeer, m.searchesPerSecond);
}

template <class Io, Is<LanServerConfig> M>
void fields(Io& io, M& m) {
    io(m.lan, m.httpPort, m.identity, m.limits);
}

template <class Io, Is<PortControlConfig> M>
void fields(Io& io, M& m) {
    auto& protocols = m.protocols;
    io(protocols.natPmp, protocols.pcp, protocols.hidePrivateAddress);
    io.list(protocols.thirdParties, kMaxThirdParties);
    io(m.requestsPerSecond, m.legacyAnnouncements);
}

template <class Io, Is<FrontEndSetup> M>
void fields(Io& io, M& m) {
    enumerator(io, m.logTarget, log::Target::StandardError);
    io.via(
        m.debugMode, [](int mode) { return static_cast<std::uint8_t>(mode); },
        [](std::uint8_t mode) {
            return mode <= kMaxDebugMode ? std::optional<int>{mode} : std::nullopt;
        });
    io(m.upnp, m.server, m.portControl, m.status);
}

}  // namespace ipc

std::string encode(const FrontEndSetup& setup) {
    const auto octets = ipc::written(setup).value_or(std::vector<std::uint8_t>{});
    return {octets.begin(), octets.end()};
}

std::optional<FrontEndSetup> decodeFrontEndSetup(std::string_view text) {
    LanServerConfig server{.lan = {.interface = InterfaceName::parse("lo").value()},
                           .httpPort = {},
                           .identity = {},
                           .limits = {}};
    FrontEndSetup blank{.server = std::move(server), .portControl = {}, .status = {}};
    return ipc::read({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                     std::move(blank));
}

}  // namespace igd
