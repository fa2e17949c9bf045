// SPDX-License-Identifier: GPL-2.0-or-later
// Openings of all kinds, as a store may have them.
#pragma once

#include "upnpd/portmap/opening.h"

#include <vector>

namespace igd {

inline Opening mappingAt(std::uint16_t port, TimePoint now, Seconds left = Seconds{3600}) {
    const IpAddress client = Ipv4Address{0xc0a8320a};  // 192.168.50.10
    return {.kind = OpeningKind::Mapping,
            .protocol = Protocol::Udp,
            .externalPort = Port{port},
            .internal = {client, Port{5000}},
            .claims = {Claim{.origin = Origin::Igd,
                             .requester = client,
                             .expiresAt = now + left,
                             .description = "a game",
                             .history = {now, now, "test/1"}}},
            .account = Ipv4Address{0xc0a8320a}};
}

inline std::vector<Opening> openingsOfAllKinds(TimePoint now) {
    Opening set = mappingAt(4000, now);
    set.portCount = 16;
    set.claims[0].origin = Origin::Pcp;
    set.claims[0].nonce = Nonce{1, 2, 3};
    set.claims[0].filters = {parsePeerFilter("80.1.2.0/24@53").value()};
    Opening pinhole = mappingAt(0, now);
    pinhole.kind = OpeningKind::Pinhole;
    pinhole.internal = {parseIpAddress("2001:db8::5").value(), Port{80}};
    pinhole.claims[0].requester = pinhole.internal.address;
    pinhole.pinholeId = 7;
    pinhole.hostSeen = false;
    Opening flow = set;
    flow.kind = OpeningKind::Peer;
    flow.portCount = 1;
    flow.claims[0].filters.clear();
    flow.remote = parsePeerFilter("80.1.2.3/32@53").value();
    flow.flowAddress = Ipv4Address{0x50646401};
    Opening endless = mappingAt(5000, now);
    endless.claims[0].expiresAt.reset();
    endless.claims[0].enabled = false;
    return {mappingAt(3074, now), set, pinhole, flow, endless};
}

}  // namespace igd
