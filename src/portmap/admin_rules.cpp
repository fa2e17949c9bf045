// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_rules.h"

#include <fmt/format.h>

namespace igd {
namespace {

Asked askedFor(const AdminRequest& request, const Parties& parties) {
    const bool mapped = std::holds_alternative<Ipv4Address>(request.internal.address);
    return {.kind = mapped ? OpeningKind::Mapping : OpeningKind::Pinhole,
            .origin = Origin::Admin,
            .protocol = request.protocol,
            .externalPort = mapped ? request.externalPort : Port{0},
            .internalPort = request.internal.port,
            .requester = parties.requester,
            .client = parties.client,
            .lan = parties.lan};
}

}  // namespace

Judged<void> AdminRules::add(const AdminRequest& request, const Parties& parties) const {
    const Asked asked = askedFor(request, parties);
    Opening opening = newOpening(asked, bench_.policy.config(), bench_.now());
    opening.hostSeen = true;
    opening.hostDeadline.reset();
    const Opening* const present = bench_.ledger().find(opening.name());
    if (present != nullptr && present->claimOf(Origin::Static) != nullptr)
        return refused(MappingError::Conflict, "the configuration maps that port");
    const bool isOwn = present != nullptr && isOf(*present, parties.client);
    if (auto refusal = bench_.refuses(asked, isOwn ? present : nullptr))
        return tl::unexpected(std::move(*refusal));
    if (isOwn && present->pinholeId) bench_.pinholeIds.end(*present->pinholeId, bench_.now());
    opening.put(
        {.origin = Origin::Admin,
         .requester = parties.client.address,
         .expiresAt = request.lease ? std::optional{bench_.now() + *request.lease} : std::nullopt,
         .description = request.description});
    bench_.transaction.stage(std::move(opening));
    return {};
}

}  // namespace igd
