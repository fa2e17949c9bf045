// SPDX-License-Identifier: GPL-2.0-or-later
#include "rule_set.h"

#include <algorithm>

namespace igd {
namespace {

constexpr Seconds kUnseenHostTime{120};
constexpr int kHighestPort = PortMask::kEnd - 1;
constexpr PortRange kAllPorts{Port{1}, Port{kHighestPort}};

}  // namespace

bool contains(std::span<const PortRange> ranges, int port) {
    return port > 0 && port <= kHighestPort &&
           std::ranges::any_of(ranges, [port](const PortRange& range) {
               return range.contains(Port{static_cast<std::uint16_t>(port)});
           });
}

bool isBesideAnother(const Ledger& ledger, const MappingKey& key, const Host& client) {
    const Opening* const companion = ledger.find(companionOf(key));
    return companion != nullptr && !isOf(*companion, client);
}

End deletion(const IpAddress& requester) {
    return {EndCause::Client, "deleted by " + toString(requester)};
}

Opening newOpening(const Asked& asked, const PolicyConfig& config, TimePoint now) {
    Opening opening{.kind = asked.kind,
                    .protocol = asked.protocol,
                    .externalPort = asked.externalPort,
                    .internal = {asked.client.address, asked.internalPort},
                    .portCount = asked.portCount,
                    .account = accountOf(asked.client),
                    .hostSeen = asked.client.mac || !asked.lan.isOnLink(asked.client.address)};
    if (!opening.hostSeen) opening.hostDeadline = unseenDeadline(config, now);
    return opening;
}

TimePoint unseenDeadline(const PolicyConfig& config, TimePoint now) {
    return now + std::min(kUnseenHostTime, config.absentHostTimeout.value_or(kUnseenHostTime));
}

IpAddress noted(const Parties& parties, const Claim* before) {
    const IpAddress& client = parties.client.address;
    if (isSameHost(parties.requester, parties.client)) return client;
    return before != nullptr && before->requester == client ? client : parties.requester.address;
}

bool isMoved(const Opening& holder, const Asked& asked) {
    return isOf(holder, asked.client) && holder.internal.address != asked.client.address &&
           holder.externalPort == asked.externalPort &&
           holder.internal.port == asked.internalPort && holder.portCount == asked.portCount;
}

std::optional<Port> heldElsewhere(const Bench& bench, const Asked& asked) {
    const auto own = bench.ledger().mappingsIn(accountOf(asked.client), asked.protocol, kAllPorts,
                                               bench.policy.config().mappingsPerClient);
    const auto held = std::ranges::find_if(own, [&](const Opening* mapping) {
        return mapping->internal.port == asked.internalPort &&
               mapping->internal.address != asked.client.address &&
               (mapping->claimOf(Origin::Pcp) != nullptr ||
                mapping->claimOf(Origin::NatPmp) != nullptr);
    });
    return held == own.end() ? std::nullopt : std::optional{(*held)->externalPort};
}

bool isFree(const Bench& bench, const Asked& asked) {
    const MappingKey key{asked.protocol, asked.externalPort};
    const Opening* const holder = bench.ledger().find(key);
    if (holder != nullptr && !isMoved(*holder, asked)) return false;
    return !isBesideAnother(bench.ledger(), key, asked.client) &&
           !bench.admission.refusesPort(bench.policy, key, asked.client, bench.ledger()) &&
           !bench.admission.refusesAbove(key);
}

namespace {

/// The gateway above may have offered another port for the offered one, too.
std::optional<Port> offeredAbove(const Bench& bench, const Asked& asked,
                                 std::span<const PortRange> permitted) {
    constexpr int kMostOffers = 4;
    Asked candidate = asked;
    for (int offers = 0; offers < kMostOffers; ++offers) {
        const auto offered = bench.admission.offeredFor({asked.protocol, candidate.externalPort});
        if (!offered) return std::nullopt;
        candidate.externalPort = *offered;
        if (contains(permitted, offered->value) && isFree(bench, candidate)) return offered;
    }
    return std::nullopt;
}

/// Returns ports that other hosts hold, or whose companion they hold: none of them is free. All
/// hosts may want the same port, and a search that looks at each held one would take a time that
/// grows with their number.
PortMask heldByOthers(const Bench& bench, const Asked& asked) {
    const Ledger& ledger = bench.ledger();
    const MappingKey key{asked.protocol, asked.externalPort};
    PortMask held = ledger.externalPorts(key.protocol);
    held |= ledger.externalPorts(companionOf(key).protocol);
    const auto leaveOut = [&held](const Opening* own) {
        if (own->kind == OpeningKind::Mapping) held.erase(own->externalPorts());
    };
    std::ranges::for_each(ledger.ofClient(asked.client.address), leaveOut);
    for (const Protocol protocol : {key.protocol, companionOf(key).protocol})
        std::ranges::for_each(ledger.mappingsIn(accountOf(asked.client), protocol, kAllPorts,
                                                bench.policy.config().mappingsPerClient),
                              leaveOut);
    return held;
}

}  // namespace

std::optional<Port> nearestFree(const Bench& bench, const Asked& asked,
                                std::span<const PortRange> permitted) {
    if (bench.admission.refusesNew()) return std::nullopt;
    if (const auto offered = offeredAbove(bench, asked, permitted)) return offered;
    Asked candidate = asked;
    const auto isGood = [&](unsigned port) {
        candidate.externalPort = Port{static_cast<std::uint16_t>(port)};
        return contains(permitted, static_cast<int>(port)) && isFree(bench, candidate);
    };
    const unsigned middle = asked.externalPort.value;
    if (isGood(middle)) return candidate.externalPort;
    const PortMask held = heldByOthers(bench, asked);
    unsigned above = held.nextFree(middle + 1);
    unsigned below = middle == 0 ? 0 : held.lastFree(middle - 1);
    while (above != PortMask::kEnd || below != 0) {
        const bool isAbove =
            below == 0 || (above != PortMask::kEnd && above - middle <= middle - below);
        if (isGood(isAbove ? above : below)) return candidate.externalPort;
        if (isAbove)
            above = held.nextFree(above + 1);
        else
            below = held.lastFree(below - 1);
    }
    return std::nullopt;
}

}  // namespace igd
