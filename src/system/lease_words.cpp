// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_words.h"

#include <algorithm>

namespace igd::lease {
namespace {

constexpr std::uint8_t kWholeAddress = 128;

bool isIpv4(const IpAddress& address) {
    return std::holds_alternative<Ipv4Address>(address);
}

bool isOfFamily(const PeerFilter& filter, bool ipv4) {
    return ipv4Part(filter).has_value() == ipv4;
}

bool mayClaim(OpeningKind kind, Origin origin) {
    switch (kind) {
        case OpeningKind::Mapping:
            return origin != Origin::Static;
        case OpeningKind::Pinhole:
            return origin == Origin::Igd || origin == Origin::Pcp || origin == Origin::Admin;
        case OpeningKind::Peer:
            return origin == Origin::Pcp;
    }
    return false;
}

bool isSound(const Claim& claim, OpeningKind kind) {
    const bool ipv4 = kind == OpeningKind::Mapping;
    // Without its nonce nobody could renew a claim of PCP's.
    return mayClaim(kind, claim.origin) &&
           (claim.origin == Origin::Pcp) == claim.nonce.has_value() &&
           (claim.expiresAt || kind == OpeningKind::Mapping || claim.origin == Origin::Admin) &&
           (claim.filters.empty() || kind != OpeningKind::Peer) &&
           std::ranges::all_of(claim.filters, [ipv4](const PeerFilter& filter) {
               return isOfFamily(filter, ipv4);
           });
}

bool isSoundFlow(const Opening& flow) {
    const bool ipv4 = isIpv4(flow.internal.address);
    return flow.remote && flow.remote->remote.length == kWholeAddress &&
           isOfFamily(*flow.remote, ipv4) && flow.flowAddress &&
           isIpv4(*flow.flowAddress) == ipv4 && (!ipv4 || isTranslated(flow.protocol)) &&
           hasPorts(flow.protocol) == (flow.remote->port != Port{0}) &&
           hasPorts(flow.protocol) == (flow.externalPort != Port{0});
}

/// PCP alone has sets of ports, and no port has a greater number than 65535.
bool isSoundSet(const Opening& opening) {
    constexpr unsigned kBehindLast = 65536;
    const unsigned first = std::max(opening.externalPort, opening.internal.port).value;
    return opening.kind != OpeningKind::Peer && opening.internal.port != Port{0} &&
           first + opening.portCount <= kBehindLast && opening.claims.size() == 1 &&
           opening.claims.front().origin == Origin::Pcp;
}

bool hasSoundEnds(const Opening& opening) {
    const bool ipv4 = isIpv4(opening.internal.address);
    switch (opening.kind) {
        case OpeningKind::Mapping:
            return ipv4 && isTranslated(opening.protocol) && opening.externalPort != Port{0};
        case OpeningKind::Pinhole:
            return !ipv4 && (!opening.remote || isOfFamily(*opening.remote, false));
        case OpeningKind::Peer:
            return isSoundFlow(opening);
    }
    return false;
}

WallTime wallTime(std::uint64_t time) {
    return WallTime{Milliseconds{std::min(time, kLastMillisecond)}};
}

}  // namespace

TimePoint FileClock::pastOf(std::uint64_t time) const {
    const auto past = std::max(now.wall - wallTime(time), WallTime::duration{});
    return now.monotonic - std::chrono::floor<Clock::duration>(past);
}

TimePoint FileClock::endOf(std::uint64_t end, std::uint64_t writtenAt) const {
    const auto left = wallTime(end) - std::max(now.wall, wallTime(writtenAt));
    return now.monotonic + std::clamp(std::chrono::floor<Clock::duration>(left), Clock::duration{},
                                      Clock::duration{longest});
}

std::string_view takeUntil(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

std::string_view takeWord(std::string_view& text) {
    return takeUntil(text, ' ');
}

bool isSound(const Opening& opening) {
    const bool hasId = opening.pinholeId.has_value();
    const bool needsId =
        opening.kind == OpeningKind::Pinhole && opening.claimOf(Origin::Igd) != nullptr;
    return !opening.claims.empty() && hasSoundEnds(opening) &&
           (!opening.isSet() || isSoundSet(opening)) && hasId == needsId &&
           opening.pinholeId != PinholeId{0} &&
           std::ranges::all_of(opening.claims,
                               [&](const Claim& claim) { return isSound(claim, opening.kind); });
}

}  // namespace igd::lease
