// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/supervisor/front_end_setup.h"

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
                      &limits.requestsPerSecondPerPeer,
                      &limits.requestsPerSecond,
                      &limits.subscriptionsPerPeer,
                      &limits.subscriptionsTotal,
                      &limits.searchesPerSecondPerPeer,
                      &limits.searchesPerSecond};
}

/// The addresses of IPv4 alone: all others follow in a message of their own, as they change.
void put(ByteWriter& out, const std::vector<Ipv4Prefix>& addresses) {
    out.u16(static_cast<std::uint16_t>(addresses.size()));
    for (const Ipv4Prefix& each : addresses) out.u32(each.address.value()).u8(each.length);
}

std::optional<std::vector<Ipv4Prefix>> readAddresses(ByteReader& in) {
    std::vector<Ipv4Prefix> addresses;
    for (std::size_t count = in.u16(); count > 0 && in.ok(); --count) {
        const Ipv4Address address{in.u32()};
        addresses.push_back({address, in.u8()});
        if (addresses.back().length > 32) return std::nullopt;
    }
    return addresses;
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

void put(ByteWriter& out, const PortControlConfig& config) {
    const pcp::ResponderConfig& protocols = config.protocols;
    for (const bool flag : {protocols.natPmp, protocols.pcp, protocols.hidePrivateAddress,
                            protocols.thirdPartyForAll, config.legacyAnnouncements})
        out.u8(flag ? 1 : 0);
    out.u32(static_cast<std::uint32_t>(config.requestsPerSecond));
    out.u16(static_cast<std::uint16_t>(protocols.thirdParties.size()));
    for (const Ipv6Prefix& prefix : protocols.thirdParties) {
        for (const std::uint8_t byte : prefix.address.bytes()) out.u8(byte);
        out.u8(prefix.length);
    }
}

PortControlConfig readPortControl(ByteReader& in) {
    PortControlConfig config;
    pcp::ResponderConfig& protocols = config.protocols;
    for (bool* const flag : {&protocols.natPmp, &protocols.pcp, &protocols.hidePrivateAddress,
                             &protocols.thirdPartyForAll, &config.legacyAnnouncements})
        *flag = in.u8() == 1;
    config.requestsPerSecond = in.u32();
    for (std::size_t count = in.u16(); count > 0 && in.ok(); --count) {
        Ipv6Address::Bytes bytes{};
        for (std::uint8_t& byte : bytes) byte = in.u8();
        protocols.thirdParties.push_back({Ipv6Address{bytes}, in.u8()});
    }
    return config;
}

void put(ByteWriter& out, const pcp::GatewayState& state) {
    out.u8(state.external ? 1 : 0).u32(state.external.value_or(Ipv4Address{}).value());
    out.u64(static_cast<std::uint64_t>(state.epochStart.time_since_epoch().count()));
}

pcp::GatewayState readState(ByteReader& in) {
    pcp::GatewayState state;
    const bool connected = in.u8() == 1;
    const Ipv4Address external{in.u32()};
    if (connected) state.external = external;
    state.epochStart = TimePoint{Clock::duration{static_cast<Clock::rep>(in.u64())}};
    return state;
}

}  // namespace

std::string encode(const FrontEndSetup& setup) {
    const LanServerConfig& server = setup.server;
    ByteWriter out;
    out.u8(setup.logTarget == log::Target::Syslog ? 1 : 0)
        .u8(static_cast<std::uint8_t>(setup.debugMode));
    out.u8(setup.upnp ? 1 : 0);
    out.text(server.lan.interface.text());
    put(out, server.lan.addresses);
    out.u16(server.httpPort);
    for (const std::string* const text : textsOf(server.identity))
        out.text(text->substr(0, kMaxText));
    const Profile profile = server.identity.profile;
    out.u8(static_cast<std::uint8_t>(profile.version)).u8(profile.pinholes ? 1 : 0);
    for (const std::size_t* const number : numbersOf(server.limits))
        out.u32(static_cast<std::uint32_t>(*number));
    out.u32(static_cast<std::uint32_t>(server.limits.requestTime.count()));
    put(out, setup.portControl);
    put(out, setup.state);
    return {out.bytes().begin(), out.bytes().end()};
}

std::optional<FrontEndSetup> decodeFrontEndSetup(std::string_view text) {
    ByteReader in{{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}};
    const auto target = in.u8() == 1 ? log::Target::Syslog : log::Target::StandardError;
    const int debugMode = in.u8();
    const bool upnp = in.u8() == 1;
    const auto interface = InterfaceName::parse(in.text(kMaxText));
    const auto addresses = readAddresses(in);
    const std::uint16_t port = in.u16();
    DeviceIdentity identity = readIdentity(in);
    const GateLimits limits = readLimits(in);
    PortControlConfig portControl = readPortControl(in);
    const pcp::GatewayState state = readState(in);
    if (!in.finished() || !interface || !addresses) return std::nullopt;
    return FrontEndSetup{target,
                         debugMode,
                         upnp,
                         {Lan{*interface, *addresses}, port, std::move(identity), limits},
                         std::move(portControl),
                         state};
}

}  // namespace igd
