// SPDX-License-Identifier: GPL-2.0-or-later
#include "rule_set.h"

#include <algorithm>

namespace igd {
namespace {

constexpr Seconds kUnseenHostTime{120};
constexpr int kHighestPort = 65535;

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
    constexpr PortRange kAll{Port{1}, Port{65535}};
    const auto own = bench.ledger().mappingsIn(accountOf(asked.client), asked.protocol, kAll,
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

}  // namespace

std::optional<Port> nearestFree(const Bench& bench, const Asked& asked,
                                std::span<const PortRange> permitted) {
    if (bench.admission.refusesNew()) return std::nullopt;
    if (const auto offered = offeredAbove(bench, asked, permitted)) return offered;
    Asked candidate = asked;
    const int middle = asked.externalPort.value;
    for (int distance = 0; distance <= kHighestPort; ++distance)
        for (const int port : {middle + distance, middle - distance}) {
            if (!contains(permitted, port)) continue;
            candidate.externalPort = Port{static_cast<std::uint16_t>(port)};
            if (isFree(bench, candidate)) return candidate.externalPort;
        }
    return std::nullopt;
}

}  // namespace igd
