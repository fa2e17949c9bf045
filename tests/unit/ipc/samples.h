// SPDX-License-Identifier: GPL-2.0-or-later
// One message of each kind, with no field left at its default.
#pragma once

#include "upnpd/ipc/messages.h"

#include <vector>

namespace igd::ipc::sample {

inline const Ipv4Address kClient{0xc0a8010a};
inline const Ipv4Address kRemote{0x50646409};
inline const Ipv6Address kClient6 = parseIpv6Address("2001:db8::10").value();
inline const Ipv6Address kRemote6 = parseIpv6Address("2001:db8:ffff::1").value();
inline const MappingKey kKey{Protocol::Udp, Port{3074}};

inline MappingRequest mapping() {
    return {.key = kKey,
            .remoteHost = kRemote,
            .internal = {kClient, Port{4000}},
            .enabled = false,
            .description = "a \xc3\xa4",
            .lease = Seconds{3600},
            .endless = true,
            .requester = kClient};
}

inline MappingRequest mappingForSix() {
    MappingRequest request = mapping();
    request.internal.address = Ipv4Address{};
    request.client6 = kClient6;
    return request;
}

inline AnyMappingRequest anyMapping() {
    AnyMappingRequest any{mapping()};
    any.mapping.key.externalPort = Port{0};
    return any;
}

inline RangeRequest range() {
    return {Protocol::Tcp, {Port{0}, Port{65535}}, true, kClient};
}

inline PinholeRequest pinhole() {
    return {.key = {.remoteHost = kRemote6,
                    .remotePort = Port{7},
                    .client = kClient6,
                    .internalPort = Port{5000},
                    .protocol = Protocol::Udp},
            .lease = Seconds{60},
            .requester = kClient};
}

inline PortRequest pcpMap() {
    return {.protocol = Protocol::Sctp,
            .client = kClient6,
            .internalPort = Port{5000},
            .suggestedPort = Port{5001},
            .suggestedAddress = kRemote6,
            .portCount = 4,
            .keepsParity = true,
            .exact = true,
            .lifetime = Seconds{3600},
            .requester = kClient,
            .origin = Origin::Pcp,
            .nonce = Nonce{1, 2},
            .dropFilters = true,
            .filters = {parsePeerFilter("2001:db8::/32@53").value()},
            .description = "a camera"};
}

inline PortRequest natPmpMap() {
    PortRequest request;
    request.protocol = Protocol::Tcp;
    request.client = request.requester = kClient;
    request.internalPort = Port{5000};
    request.suggestedPort = Port{5001};
    request.lifetime = Seconds{7200};
    request.origin = Origin::NatPmp;
    request.description = "NAT-PMP";
    return request;
}

inline PortRelease pcpRelease() {
    return {.protocol = Protocol::Esp,
            .client = kClient6,
            .internalPort = Port{9},
            .isSet = true,
            .requester = kClient6,
            .origin = Origin::Pcp,
            .nonce = Nonce{3}};
}

inline PortRelease natPmpRelease() {
    return {.protocol = Protocol::Udp,
            .client = kClient,
            .internalPort = Port{9},
            .requester = kClient,
            .origin = Origin::NatPmp,
            .nonce = std::nullopt};
}

inline PeerRequest peer() {
    return {.protocol = Protocol::Udp,
            .client = kClient,
            .internalPort = Port{1},
            .remote = kRemote6,
            .remotePort = Port{2},
            .suggestedPort = Port{3},
            .suggestedAddress = kRemote,
            .lifetime = Seconds{4},
            .requester = kClient,
            .nonce = Nonce{5}};
}

inline std::vector<GatewayRequest> requests() {
    return {mapping(),
            mappingForSix(),
            anyMapping(),
            ReleaseRequest{kKey, kRemote, kClient},
            DeleteMappings{range()},
            FindMapping{kKey, kClient},
            MappingAt{12, kClient},
            ListMappings{range()},
            pinhole(),
            PinholeUpdate{7, Seconds{60}, kClient6},
            PinholeRelease{8, kClient6},
            CountPinhole{65535, kClient},
            GetOutboundTimeout{Protocol::Udp},
            GetStatus{},
            pcpMap(),
            natPmpMap(),
            pcpRelease(),
            natPmpRelease(),
            peer(),
            GetRows{32, kClient},
            GetOverview{kClient6},
            GetMetrics{30000, true},
            CloseOpening{7, kClient},
            ApproveHost{kClient6, true, kClient}};
}

inline MappingView view() {
    return {.key = kKey,
            .remoteHost = kRemote,
            .internal = {kClient, Port{4000}},
            .enabled = false,
            .description = "x",
            .remainingLease = Seconds{12},
            .origin = Origin::Static,
            .askedWithoutEnd = true};
}

inline GatewayStatus status() {
    return {.serial = 99,
            .linkUp = true,
            .externalAddress = kRemote,
            .connectedSince = TimePoint{Clock::duration{12345}},
            .upstreamBitRate = 1ULL << 40,
            .downstreamBitRate = 2,
            .bytesSent = 3,
            .bytesReceived = 4,
            .packetsSent = 5,
            .packetsReceived = 6,
            .mappingCount = 7,
            .systemUpdateId = 8,
            .epochStart = TimePoint{Clock::duration{123456789}},
            .firewallEnabled = false,
            .inboundPinholeAllowed = false};
}

inline OpeningRow row() {
    return {.id = 3,
            .kind = OpeningKind::Pinhole,
            .protocol = Protocol::Tcp,
            .externalPort = Port{4000},
            .internalPort = Port{4001},
            .portCount = 2,
            .client = kClient6,
            .hostName = "nas",
            .mac = MacAddress{{2, 0, 0, 0, 0, 9}},
            .from = "80.1.2.3",
            .via = Origin::Admin,
            .agent = "Transmission/4.0",
            .description = "a camera",
            .age = Seconds{9},
            .renewed = Seconds{3},
            .left = Seconds{60},
            .traffic = Traffic{7, 1ULL << 40},
            .enabled = false,
            .isOwn = true};
}

inline RefusalRow refusal() {
    return {.ago = Seconds{9},
            .via = Origin::Pcp,
            .requester = kClient,
            .hostName = "phone",
            .what = "tcp 22",
            .reason = "upnpd.conf:3 denies it",
            .count = 4};
}

inline std::vector<GatewayReply> replies() {
    return {Done{},
            view(),
            status(),
            MappingError::Backend,
            Port{65535},
            MappingViews{{view(), view()}},
            PinholeOpened{3},
            PacketCount{1ULL << 40},
            Seconds{0xffffffff},
            PortGrant{Port{7}, kRemote6, Seconds{0xffffffff}, 256, Port{65280}},
            PortRefusal{MappingError::TooManyFilters, Seconds{9}, Port{7}},
            OpeningRows{{row(), row()}, 7},
            Overview{"ppp0 80.1.2.3 (public)",
                     Seconds{9},
                     "nftables",
                     {"a port is taken"},
                     {refusal()},
                     true,
                     {refusal()}},
            MetricsText{"upnpd_repairs_total 1\n", 22}};
}

inline AddressesChanged addresses() {
    return {.addresses = {{kClient, 24}, {kRemote, 32}},
            .addresses6 = {{kClient6, 64}},
            .routed = {{Ipv4Address{0x0a000000}, 8}},
            .routed6 = {{kRemote6, 128}, {kRemote6, 0}},
            .bootId = 1786380549};
}

inline std::vector<ToEngine> toEngine() {
    const SocketProblem problem{{true, {kClient6, Port{1900}}}, "Address already in use"};
    std::vector<ToEngine> all{Started{49152, "busy"}, Sockets{},
                              Sockets{{problem.socket}, {problem, problem}}, Pong{},
                              Subscribers{7}};
    for (const GatewayRequest& request : requests())
        all.emplace_back(Call{1ULL << 40, TimePoint{Clock::duration{987654321}}, request});
    return all;
}

inline std::vector<ToFrontEnd> toFrontEnd() {
    std::vector<ToFrontEnd> all{
        Setup{std::string(3000, '\0')},  StatusChanged{status()}, addresses(), Ping{}, DebugMode{3},
        MayAnswer{TimePoint{Seconds{7}}}};
    for (const GatewayReply& reply : replies()) all.emplace_back(Answer{1ULL << 40, reply});
    return all;
}

}  // namespace igd::ipc::sample
