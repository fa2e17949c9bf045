// SPDX-License-Identifier: GPL-2.0-or-later
#include "closing.h"

#include <algorithm>

namespace igd {
namespace {

bool isConfigured(const Opening& opening) {
    return std::ranges::any_of(opening.claims,
                               [](const Claim& claim) { return claim.origin == Origin::Static; });
}

}  // namespace

GatewayReply closeOpening(Openings& openings, std::uint32_t id, TimePoint now) {
    const auto all = openings.lists().all();
    const auto found = std::ranges::find(all, id, &Opening::id);
    if (found == all.end()) return MappingError::NotFound;
    if (found->kind == OpeningKind::Peer || isConfigured(*found))
        return MappingError::NotAuthorized;
    const auto* const client = std::get_if<Ipv6Address>(&found->internal.address);
    if (found->kind == OpeningKind::Pinhole && client != nullptr) {
        const auto closed =
            openings.removePinholes(found->protocol, *client, found->internal.port, now);
        return closed ? GatewayReply{Done{}} : GatewayReply{closed.error()};
    }
    const auto removed = openings.remove({found->protocol, found->externalPort}, now);
    return removed ? GatewayReply{Done{}} : GatewayReply{removed.error()};
}

}  // namespace igd
