// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/supervisor/front_end_setup.h"

#include "upnpd/ipc/status_fields.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace igd {
namespace {

constexpr std::size_t kMaxText = 1024;
/// A line of the configuration has no room for more.
constexpr std::size_t kMaxThirdParties = 512;

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
    enumerator(io, m.announced, IgdVersion::Two);
    io.require(m.announced >= IgdVersion::One);
}

template <class Io, Is<GateLimits> M>
void fields(Io& io, M& m) {
    io(m.connectionsPerPeer, m.connectionsTotal, m.headerBytes, m.bodyBytes, m.requestTime,
       m.requestsPerSecondPerPeer, m.requestsPerSecond, m.subscriptionsPerPeer,
       m.subscriptionsTotal, m.searchesPerSecondPerPeer, m.searchesPerSecond);
}

template <class Io, Is<LanServerConfig> M>
void fields(Io& io, M& m) {
    io(m.lan, m.httpPort, m.identity, m.limits, m.bootId);
    io.text(m.pageHash, kMaxText);
}

template <class Io, Is<PortControlConfig> M>
void fields(Io& io, M& m) {
    auto& protocols = m.protocols;
    io(protocols.natPmp, protocols.pcp, protocols.hidePrivateAddress);
    io.list(protocols.thirdParties, kMaxThirdParties);
    io(m.requestsPerSecond, m.legacyAnnouncements);
}

template <class Io, Is<IpEndpoint> M>
void fields(Io& io, M& m) {
    io(m.address, m.port);
}

template <class Io, class M>
void logFields(Io& io, M& m) {
    enumerator(io, m.logTarget, log::Target::Journal);
    io.via(
        m.debugMode, [](int mode) { return static_cast<std::uint8_t>(mode); },
        [](std::uint8_t mode) {
            return mode <= log::kMostTalkative ? std::optional<int>{mode} : std::nullopt;
        });
}

template <class Io, Is<FrontEndSetup> M>
void fields(Io& io, M& m) {
    logFields(io, m);
    io(m.upnp, m.trial, m.metrics, m.server, m.portControl, m.status, m.answersUntil);
}

template <class Io, Is<AdvertiserSetup> M>
void fields(Io& io, M& m) {
    logFields(io, m);
    io(m.lan, m.httpPort.value, m.identity, m.bootId, m.byebye);
    io.require(!m.lan.addresses.empty() || !m.lan.addresses6.empty());
    io.require(m.httpPort != Port{0});
}

}  // namespace ipc

namespace {

template <class Setup>
std::string encoded(const Setup& setup) {
    const auto octets = ipc::written(setup).value_or(std::vector<std::uint8_t>{});
    return {octets.begin(), octets.end()};
}

Lan anyLan() {
    return {.interface = InterfaceName::parse("lo").value()};
}

std::span<const std::uint8_t> octetsOf(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string encode(const FrontEndSetup& setup) {
    return encoded(setup);
}

std::string encode(const AdvertiserSetup& setup) {
    return encoded(setup);
}

std::optional<FrontEndSetup> decodeFrontEndSetup(std::string_view text) {
    LanServerConfig server{.lan = anyLan(), .httpPort = {}, .identity = {}, .limits = {}};
    FrontEndSetup blank{.server = std::move(server), .portControl = {}, .status = {}};
    return ipc::read(octetsOf(text), std::move(blank));
}

std::optional<AdvertiserSetup> decodeAdvertiserSetup(std::string_view text) {
    AdvertiserSetup blank{.lan = anyLan(), .httpPort = {}, .identity = {}};
    return ipc::read(octetsOf(text), std::move(blank));
}

}  // namespace igd
