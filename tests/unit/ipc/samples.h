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
            peer()};
}

inline MappingView view() {
    return {.key = kKey,
            .remoteHost = kRemote,
            .internal = {kClient, Port{4000}},
            .enabled = false,
            .description = "x",
            .remainingLease = Seconds{12},
            .origin = Origin::Static};
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
            PortGrant{Port{7}, kRemote6, Seconds{0xffffffff}},
            PortRefusal{MappingError::TooManyFilters, Seconds{9}, Port{7}}};
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
    std::vector<ToEngine> all{Started{49152, "busy"}, Problems{}, Problems{{problem, problem}},
                              Pong{}};
    for (const GatewayRequest& request : requests())
        all.emplace_back(Call{1ULL << 40, TimePoint{Clock::duration{987654321}}, request});
    return all;
}

inline std::vector<ToFrontEnd> toFrontEnd() {
    std::vector<ToFrontEnd> all{Setup{std::string(3000, '\0')}, StatusChanged{status()},
                                addresses(), Ping{}};
    for (const GatewayReply& reply : replies()) all.emplace_back(Answer{1ULL << 40, reply});
    return all;
}

}  // namespace igd::ipc::sample
