// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts, requests and openings that a test changes where it matters to it.
#pragma once

#include "upnpd/portmap/openings.h"

#include <initializer_list>

namespace igd {

using namespace std::chrono_literals;

inline Ipv4Address ipv4(const char* text) {
    return parseIpv4Address(text).value();
}
inline Ipv6Address ipv6(const char* text) {
    return parseIpv6Address(text).value();
}
inline MacAddress mac(std::uint8_t last) {
    return {{2, 0, 0, 0, 0, last}};
}
inline PeerFilter filter(const char* text) {
    return parsePeerFilter(text).value();
}

inline const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
inline const Ipv4Address kExternal = ipv4("80.100.100.1");
inline const Nonce kNonce{1};
inline const Nonce kOther{2};

/// Alice and Bob have an address of each family on one network card.
inline const Host kAlice{
    .address = ipv4("192.168.1.10"), .mac = mac(1), .ipv4 = {ipv4("192.168.1.10")}};
inline const Host kAlice6{
    .address = ipv6("2001:db8::10"), .mac = mac(1), .ipv4 = {ipv4("192.168.1.10")}};
inline const Host kBob{
    .address = ipv4("192.168.1.20"), .mac = mac(2), .ipv4 = {ipv4("192.168.1.20")}};
inline const Host kBob6{
    .address = ipv6("2001:db8::20"), .mac = mac(2), .ipv4 = {ipv4("192.168.1.20")}};
inline const Lan kLan{.interface = *InterfaceName::parse("lan0"),
                      .addresses = {*parseIpv4Prefix("192.168.1.1/24")},
                      .addresses6 = {filter("2001:db8::1/64").remote}};

inline MappingKey udp(std::uint16_t port) {
    return {Protocol::Udp, Port{port}};
}
inline MappingKey tcp(std::uint16_t port) {
    return {Protocol::Tcp, Port{port}};
}
using Ports = std::initializer_list<std::uint16_t>;
inline PortRange ports(const char* text) {
    return parsePortRange(text).value();
}

/// AddPortMapping
inline MappingRequest requestOf(const Host& client, MappingKey key, Seconds lease = 3600s) {
    const auto address = std::get<Ipv4Address>(client.address);
    return {.key = key,
            .remoteHost = std::nullopt,
            .internal = {address, key.externalPort},
            .description = "game",
            .lease = lease,
            .requester = address};
}
/// DeletePortMapping
inline ReleaseRequest releaseOf(const Host& requester, MappingKey key) {
    return {key, std::nullopt, std::get<Ipv4Address>(requester.address)};
}
inline RangeRequest rangeOf(const Host& requester, const char* range, bool manage = false) {
    return {Protocol::Tcp, ports(range), manage, std::get<Ipv4Address>(requester.address)};
}
/// AddPinhole
inline PinholeRequest pinholeOf(const Host& client, std::uint16_t port, Seconds lease = 3600s) {
    return {.key = {.remoteHost = std::nullopt,
                    .remotePort = std::nullopt,
                    .client = std::get<Ipv6Address>(client.address),
                    .internalPort = Port{port},
                    .protocol = Protocol::Udp},
            .lease = lease,
            .requester = client.address};
}
/// MAP of PCP, or NAT-PMP's mapping request.
inline PortRequest wishOf(Origin origin, const Host& client, std::uint16_t port = 5000,
                          Seconds lifetime = 3600s) {
    PortRequest request;
    request.protocol = Protocol::Udp;
    request.client = request.requester = client.address;
    request.internalPort = Port{port};
    request.lifetime = lifetime;
    request.origin = origin;
    if (origin == Origin::Pcp) request.nonce = kNonce;
    return request;
}
/// Returns the same with a lifetime of 0.
inline PortRelease endOf(Origin origin, const Host& client, std::uint16_t port = 5000) {
    return {.protocol = Protocol::Udp,
            .client = client.address,
            .internalPort = Port{port},
            .requester = client.address,
            .origin = origin,
            .nonce = origin == Origin::Pcp ? std::optional{kNonce} : std::nullopt};
}
/// PEER
inline PeerRequest peerOf(const Host& client, std::uint16_t port = 6000, Seconds lifetime = 1000s) {
    const bool isIpv4 = std::holds_alternative<Ipv4Address>(client.address);
    return {.protocol = Protocol::Udp,
            .client = client.address,
            .internalPort = Port{port},
            .remote = isIpv4 ? IpAddress{ipv4("80.100.100.9")} : ipv6("2001:db8:ffff::9"),
            .remotePort = Port{80},
            .suggestedPort = Port{0},
            .suggestedAddress = std::nullopt,
            .lifetime = lifetime,
            .requester = client.address,
            .nonce = kNonce};
}

/// A mapping that UPnP has made, as it lies in the ledger.
inline Opening mappingOf(const Host& client, MappingKey key,
                         std::optional<TimePoint> end = std::nullopt, Origin origin = Origin::Igd) {
    return {.kind = OpeningKind::Mapping,
            .protocol = key.protocol,
            .externalPort = key.externalPort,
            .internal = {client.address, key.externalPort},
            .claims = {{.origin = origin,
                        .requester = client.address,
                        .expiresAt = end,
                        .description = "game"}},
            .account = accountOf(client)};
}
inline Opening pinholeAt(const Host& client, std::uint16_t port, PinholeId id,
                         std::optional<TimePoint> end = std::nullopt) {
    Opening pinhole = mappingOf(client, udp(port), end);
    pinhole.kind = OpeningKind::Pinhole;
    pinhole.externalPort = Port{0};
    pinhole.pinholeId = id;
    return pinhole;
}
inline Opening flowOf(const Host& client, std::uint16_t port,
                      std::optional<TimePoint> end = std::nullopt) {
    Opening flow = mappingOf(client, udp(port), end, Origin::Pcp);
    flow.kind = OpeningKind::Peer;
    flow.remote = filter("80.100.100.9@80");
    flow.flowAddress = kExternal;
    flow.claims.front().nonce = kNonce;
    return flow;
}

inline PermissionRule line(bool allow, const char* external, ClientPattern client,
                           const char* internal) {
    return {.allow = allow,
            .externalPorts = ports(external),
            .client = client,
            .internalPorts = ports(internal),
            .protocol = std::nullopt,
            .origin = "upnpd.conf:7"};
}
inline PermissionRule allow(const char* external, ClientPattern client, const char* internal) {
    return line(true, external, client, internal);
}
inline PermissionRule deny(const char* external, ClientPattern client = AnyClient{},
                           const char* internal = "0-65535") {
    return line(false, external, client, internal);
}
inline const Ipv6Prefix kEverybody{};  ///< allow_third_party = yes

}  // namespace igd
