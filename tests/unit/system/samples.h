// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "lease_lines.h"

#include "upnpd/system/lease_file.h"

#include <ostream>

namespace igd {

inline const Now kNow{TimePoint{} + std::chrono::hours{1},
                      WallTime{} + std::chrono::seconds{1'800'000'000}};
constexpr Seconds kLongest{604800};
inline const Ipv4Address kAlice = *parseIpv4Address("192.168.1.10");
inline const Ipv6Address kAliceIpv6 = *parseIpv6Address("2001:db8::5");

/// For the report of a test that failed.
inline void PrintTo(const Opening& opening, std::ostream* out) {
    *out << lease::openLine(opening, kNow);
}

inline Claim claimed(Origin origin, const IpAddress& requester,
                     std::optional<Seconds> lease = Seconds{3600}) {
    return {.origin = origin,
            .requester = requester,
            .expiresAt = lease ? std::optional{kNow.monotonic + *lease} : std::nullopt,
            .nonce = origin == Origin::Pcp ? std::optional{Nonce{0x0a, 0xff}} : std::nullopt};
}

inline Opening leased(std::uint16_t port, std::optional<Seconds> lease = Seconds{3600}) {
    Opening mapping{.kind = OpeningKind::Mapping,
                    .protocol = Protocol::Udp,
                    .externalPort = Port{port},
                    .internal = {kAlice, Port{port}},
                    .claims = {claimed(Origin::Igd, kAlice, lease)},
                    .account = kAlice};
    mapping.claims.front().description = "a game, with \"quotes\"";
    return mapping;
}

inline Opening pinhole(std::uint16_t port, PinholeId id) {
    return {.kind = OpeningKind::Pinhole,
            .protocol = Protocol::Tcp,
            .internal = {kAliceIpv6, Port{port}},
            .claims = {claimed(Origin::Igd, kAliceIpv6)},
            .pinholeId = id,
            .account = accountOf(Host{kAliceIpv6})};
}

/// A flow that PEER keeps.
inline Opening flow() {
    return {.kind = OpeningKind::Peer,
            .protocol = Protocol::Udp,
            .externalPort = Port{5001},
            .internal = {kAlice, Port{5000}},
            .remote = parsePeerFilter("80.1.2.3/32@53"),
            .flowAddress = parseIpv4Address("80.100.100.1"),
            .claims = {claimed(Origin::Pcp, kAlice)},
            .account = kAlice};
}

}  // namespace igd
