// SPDX-License-Identifier: GPL-2.0-or-later
#include "front_end_setup.h"

#include "upnpd/net/bytes.h"

#include <array>

namespace igd {
namespace {

constexpr std::size_t kMaxText = 1024;

/// The texts of an identity, in the order of the message.
template <class Identity>
auto textsOf(Identity& identity) {
    return std::array{&identity.uuid,
                      &identity.friendlyName,
                      &identity.manufacturer,
                      &identity.manufacturerUrl,
                      &identity.modelName,
                      &identity.modelNumber,
                      &identity.modelDescription,
                      &identity.modelUrl,
                      &identity.serialNumber,
                      &identity.presentationUrl};
}

/// The numbers of the limits, in the order of the message.
template <class Limits>
auto numbersOf(Limits& limits) {
    return std::array{&limits.connectionsPerPeer,
                      &limits.connectionsTotal,
                      &limits.headerBytes,
                      &limits.bodyBytes,
                      &limits.subscriptionsPerPeer,
                      &limits.subscriptionsTotal,
                      &limits.searchesPerSecondPerPeer,
                      &limits.searchesPerSecond};
}

DeviceIdentity readIdentity(ByteReader& in) {
    DeviceIdentity identity;
    for (std::string* const text : textsOf(identity)) *text = in.text(kMaxText);
    identity.profile = {in.u8() == 1 ? IgdVersion::One : IgdVersion::Two, in.u8() == 1};
    return identity;
}

GateLimits readLimits(ByteReader& in) {
    GateLimits limits;
    for (std::size_t* const number : numbersOf(limits)) *number = in.u32();
    limits.requestTime = Seconds{in.u32()};
    return limits;
}

}  // namespace

std::string encode(const FrontEndSetup& setup) {
    const LanServerConfig& server = setup.server;
    ByteWriter out;
    out.u8(setup.logTarget == log::Target::Syslog ? 1 : 0).u8(static_cast<std::uint8_t>(setup.debugMode));
    out.text(server.interface.text()).u32(server.address.address.value()).u8(server.address.length);
    out.u16(server.httpPort);
    for (const std::string* const text : textsOf(server.identity)) out.text(text->substr(0, kMaxText));
    const Profile profile = server.identity.profile;
    out.u8(static_cast<std::uint8_t>(profile.version)).u8(profile.pinholes ? 1 : 0);
    for (const std::size_t* const number : numbersOf(server.limits))
        out.u32(static_cast<std::uint32_t>(*number));
    out.u32(static_cast<std::uint32_t>(server.limits.requestTime.count()));
    return {out.bytes().begin(), out.bytes().end()};
}

std::optional<FrontEndSetup> decodeFrontEndSetup(std::string_view text) {
    ByteReader in{{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}};
    const auto target = in.u8() == 1 ? log::Target::Syslog : log::Target::StandardError;
    const int debugMode = in.u8();
    const auto interface = InterfaceName::parse(in.text(kMaxText));
    const Ipv4Address address{in.u32()};
    const std::uint8_t length = in.u8();
    const std::uint16_t port = in.u16();
    DeviceIdentity identity = readIdentity(in);
    const GateLimits limits = readLimits(in);
    if (!in.finished() || !interface || length > 32) return std::nullopt;
    return FrontEndSetup{
        target, debugMode, {*interface, {address, length}, port, std::move(identity), limits}};
}

}  // namespace igd
