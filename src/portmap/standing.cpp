// SPDX-License-Identifier: GPL-2.0-or-later
#include "standing.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

/// Its external port is its own: addresses of IPv4 are translated.
bool isIpv4(const Opening& opening) {
    return std::holds_alternative<Ipv4Address>(opening.internal.address);
}

}  // namespace

std::optional<Refusal> Standing::refusesUnserved(const Opening& opening, const Claim& claim) const {
    const IpAddress& client = opening.internal.address;
    if (claim.requester != client && !bench_.policy.mayActForOthers(claim.requester))
        return Refusal{MappingError::NotAuthorized,
                       fmt::format("{} has asked for another host, {} (allow_third_party)",
                                   toString(claim.requester), toString(client))};
    // A network that is missing may come later, and a prefix of IPv6 too (see keepWithin()).
    if (!lans_.all || !isIpv4(opening)) return std::nullopt;
    return Refusal{MappingError::NotAuthorized,
                   fmt::format("{} is on no network that is served", toString(client))};
}

std::optional<Refusal> Standing::refuses(const Opening& opening, const Claim& claim) const {
    const Lan* const lan = lans_.of(opening.internal.address);
    if (lan == nullptr) return refusesUnserved(opening, claim);
    const Host client = resolve_(*lan, opening.internal.address);
    const bool isOwn = claim.requester == opening.internal.address;
    const Host requester = isOwn ? client : resolve_(*lan, claim.requester);
    const bool translated = isIpv4(opening);
    const Asked asked{.kind = opening.kind,
                      .origin = claim.origin,
                      .protocol = opening.protocol,
                      .externalPort = translated ? opening.externalPort : Port{0},
                      .internalPort = opening.internal.port,
                      .portCount = opening.portCount,
                      .requester = requester,
                      .client = client,
                      .lan = *lan};
    // A line may name the hardware address of a neighbour that the kernel has not heard of yet: the
    // opening is judged when it is found.
    if (lan->isOnLink(client.address) && bench_.policy.needsHardwareAddress(client))
        return bench_.policy.refusesClient(asked);
    return bench_.refuses(asked, &opening);
}

std::optional<Refusal> Standing::refusesAny(const Opening& opening, const Claim& claim) const {
    if (claim.origin == Origin::Static) return std::nullopt;  // the file is judged as it is read
    if (claim.origin != Origin::Admin) return refuses(opening, claim);
    return bench_.policy.refusesExternal(opening.externalPorts());
}

void Standing::judge(const Opening& opening) const {
    std::vector<Claim> left = opening.claims;
    End why{EndCause::Policy, {}};
    std::erase_if(left, [&](const Claim& claim) {
        const auto refusal = refusesAny(opening, claim);
        if (refusal) why.text = "not permitted any more: " + refusal->reason;
        return refusal.has_value();
    });
    if (left.size() != opening.claims.size()) end(opening, std::move(left), std::move(why));
}

bool Standing::admitsTo(const Account& account, const Opening& opening) const {
    if (opening.account == account || opening.isAdministrators()) return true;
    auto refusal =
        bench_.policy.refusesMore(bench_.ledger().portsOf(account), 0, opening.portCount);
    if (!refusal) return true;
    end(opening, {}, {EndCause::Policy, std::move(refusal->reason)});
    return false;
}

/// Stages `opening` with what is left of its claims.
void Standing::end(Opening opening, std::vector<Claim> left, End why) const {
    opening.claims = std::move(left);
    if (opening.pinholeId && opening.claimOf(Origin::Igd) == nullptr) {
        bench_.pinholeIds.end(*opening.pinholeId, bench_.now());
        opening.pinholeId.reset();
    }
    bench_.transaction.stage(std::move(opening), std::move(why));
}

bool Standing::shorten(const Opening& opening, Seconds igd, Seconds control) const {
    Opening shorter = opening;
    for (Claim& claim : shorter.claims) {
        const bool isUpnp = claim.origin == Origin::Igd;
        if (!claim.expiresAt || claim.origin == Origin::Admin ||
            (isUpnp && opening.kind == OpeningKind::Pinhole))
            continue;
        claim.expiresAt = std::min(*claim.expiresAt, bench_.now() + (isUpnp ? igd : control));
    }
    if (shorter == opening) return false;
    bench_.transaction.stage(std::move(shorter));
    return true;
}

void stageStatics(Transaction& transaction, std::span<const Opening> statics) {
    const auto isWanted = [&](const Opening& present) {
        return std::ranges::any_of(
            statics, [&](const Opening& wanted) { return wanted.name() == present.name(); });
    };
    std::vector<Opening> gone;
    for (const Opening* const present : transaction.ledger().ofKind(OpeningKind::Mapping))
        if (present->claimOf(Origin::Static) != nullptr && !isWanted(*present))
            gone.push_back(*present);
    for (Opening& present : gone) {
        present.claims.clear();
        transaction.stage(std::move(present),
                          End{EndCause::Policy, "it is in the configuration no more"});
    }
    for (const Opening& wanted : statics) {
        const Opening* const present = transaction.ledger().find(wanted.key());
        if (present != nullptr && present->claimOf(Origin::Static) == nullptr) {
            Opening ended = *present;
            ended.claims.clear();
            transaction.stage(std::move(ended),
                              End{EndCause::Replaced, "the administrator maps that port"});
        } else if (present != nullptr && present->internal == wanted.internal &&
                   present->claims == wanted.claims) {
            continue;
        }
        transaction.stage(wanted);
    }
}

}  // namespace igd
