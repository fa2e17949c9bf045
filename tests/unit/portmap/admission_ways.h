// SPDX-License-Identifier: GPL-2.0-or-later
// Every way by which an opening is asked for, and every point at which one is judged.
#pragma once

#include "samples.h"

#include <functional>
#include <string>
#include <vector>

namespace igd {

/// Says what is asked, by whom, and in which world.
struct World {
    PolicyConfig config{};
    Lan lan = kLan;
    Host client{};
    Host requester{};
    Port external{40000};
    Port internal{40000};
    Protocol protocol = Protocol::Udp;
    std::optional<MappingKey> routersOwn{};
    std::optional<MappingKey> forwarded{};
    std::optional<IpEndpoint> stopped{};
    std::vector<Opening> others{};  ///< that stand already
};

/// By what an opening is asked for.
struct Way {
    std::string name;
    OpeningKind kind{};
    Origin origin{};
    bool isIpv6 = false;
    bool isFlexible = false;  ///< it takes another external port than the wished one
    std::function<ChangeRequest(const World&)> request;

    /// Returns `world` with the client that it is for.
    [[nodiscard]] World in(World world) const {
        world.client = world.requester = isIpv6 ? kAlice6 : kAlice;
        return world;
    }
};

inline MappingRequest mappingRequest(const World& world) {
    return {.key = {world.protocol, world.external},
            .remoteHost = std::nullopt,
            .internal = {std::get<Ipv4Address>(world.client.address), world.internal},
            .description = "game",
            .lease = 3600s,
            .requester = std::get<Ipv4Address>(world.requester.address)};
}
inline PortRequest portRequest(const World& world, Origin origin) {
    PortRequest request = wishOf(origin, world.client, world.internal.value);
    request.protocol = world.protocol;
    request.suggestedPort = world.external;
    request.requester = world.requester.address;
    return request;
}
inline PinholeRequest pinholeRequest(const World& world) {
    PinholeRequest request = pinholeOf(world.client, world.internal.value);
    request.key.protocol = world.protocol;
    request.requester = world.requester.address;
    return request;
}
inline PeerRequest peerRequest(const World& world) {
    PeerRequest request = peerOf(world.client, world.internal.value);
    request.protocol = world.protocol;
    request.requester = world.requester.address;
    if (std::holds_alternative<Ipv4Address>(world.client.address))
        request.suggestedPort = world.external;
    return request;
}
/// For the pinhole of standingBy().
inline PinholeUpdate pinholeUpdate(const World& world) {
    return {1, 60s, world.requester.address};
}

inline std::vector<Way> ways() {
    const auto way = [](std::string name, OpeningKind kind, Origin origin,
                        std::function<ChangeRequest(const World&)> request) {
        return Way{
            .name = std::move(name), .kind = kind, .origin = origin, .request = std::move(request)};
    };
    std::vector<Way> all{
        way("AddPortMapping", OpeningKind::Mapping, Origin::Igd, mappingRequest),
        way("AddAnyPortMapping", OpeningKind::Mapping, Origin::Igd,
            [](const World& world) { return AnyMappingRequest{mappingRequest(world)}; }),
        way("NatPmp", OpeningKind::Mapping, Origin::NatPmp,
            [](const World& world) { return portRequest(world, Origin::NatPmp); }),
        way("PcpMap", OpeningKind::Mapping, Origin::Pcp,
            [](const World& world) { return portRequest(world, Origin::Pcp); }),
        way("Peer", OpeningKind::Peer, Origin::Pcp, peerRequest),
        way("AddPinhole", OpeningKind::Pinhole, Origin::Igd, pinholeRequest),
        way("PcpMapIpv6", OpeningKind::Pinhole, Origin::Pcp,
            [](const World& world) { return portRequest(world, Origin::Pcp); }),
        way("PeerIpv6", OpeningKind::Peer, Origin::Pcp, peerRequest)};
    for (std::size_t i = 1; i <= 3; ++i) all[i].isFlexible = true;
    for (std::size_t i = 5; i <= 7; ++i) all[i].isIpv6 = true;
    return all;
}

/// Returns the opening as it would stand had `world` allowed it.
inline Opening standingBy(const Way& way, const World& world) {
    Opening opening{.kind = way.kind,
                    .protocol = world.protocol,
                    .externalPort = way.isIpv6 ? Port{0} : world.external,
                    .internal = {world.client.address, world.internal},
                    .claims = {{.origin = way.origin,
                                .requester = world.requester.address,
                                .expiresAt = t0 + 3600s}},
                    .account = accountOf(world.client)};
    if (way.origin == Origin::Pcp) opening.claims.front().nonce = kNonce;
    if (way.name == "AddPinhole") opening.pinholeId = pinholeUpdate(world).id;
    if (way.kind == OpeningKind::Peer) {
        const PeerRequest request = peerRequest(world);
        opening.remote = PeerFilter{{asIpv6(request.remote), 128}, request.remotePort};
        opening.flowAddress = way.isIpv6 ? world.client.address : kExternal;
        if (way.isIpv6) opening.externalPort = world.internal;
    }
    return opening;
}

/// When it is judged.
enum class Point {
    Anew,         ///< there is none yet
    Again,        ///< it stands, and is asked for once more
    Updated,      ///< it stands, and UpdatePinhole gives it another lease
    Restored,     ///< it is an earlier run's
    Reloaded,     ///< it stands, and the configuration is read again
    HostIsFound,  ///< it stands, and its host's hardware address becomes known
};
inline std::string nameOf(Point point) {
    switch (point) {
        case Point::Anew:
            return "Anew";
        case Point::Again:
            return "Again";
        case Point::Updated:
            return "Updated";
        case Point::Restored:
            return "Restored";
        case Point::Reloaded:
            return "Reloaded";
        case Point::HostIsFound:
            return "HostIsFound";
    }
    return "";
}
/// Nobody asks for it: it stands, and is judged once more.
inline bool isStanding(Point point) {
    return point == Point::Restored || point == Point::Reloaded || point == Point::HostIsFound;
}

}  // namespace igd
