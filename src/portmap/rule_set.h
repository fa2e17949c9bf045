// SPDX-License-Identifier: GPL-2.0-or-later
// The protocols' rule sets share this: who asks, what judges, and how an opening begins.
#pragma once

#include "admission.h"
#include "pinhole_ids.h"
#include "transaction.h"

#include "upnpd/portmap/openings.h"

#include <span>

namespace igd {

template <class T>
using Judged = tl::expected<T, Refusal>;

/// A rule set works with a bench. It stages what it grants; the caller commits, and logs refusals.
struct Bench {
    Transaction& transaction;
    const Policy& policy;
    const Admission& admission;
    PinholeIds& pinholeIds;

    [[nodiscard]] const Ledger& ledger() const { return transaction.ledger(); }
    [[nodiscard]] TimePoint now() const { return transaction.now(); }
    /// Judges a request for a new opening (`present` is nullptr), or for a claim on a present one.
    [[nodiscard]] std::optional<Refusal> refuses(const Asked& asked, const Opening* present) const {
        return refuses(asked, Admitted{present == nullptr, present != nullptr});
    }
    [[nodiscard]] std::optional<Refusal> refuses(const Asked& asked, Admitted what) const {
        return admission.admit(policy, asked, ledger(), what);
    }
};

/// Returns the end of what `requester` has deleted.
[[nodiscard]] End deletion(const IpAddress& requester);

[[nodiscard]] inline auto refused(MappingError error, std::string reason) {
    return tl::unexpected(Refusal{error, std::move(reason)});
}

/// Returns a new opening as `asked` describes it, without claims. A host that is no neighbour yet
/// has a few minutes to be one (absent_host_timeout may make it less).
[[nodiscard]] Opening newOpening(const Asked& asked, const PolicyConfig& config, TimePoint now);

/// Returns when an opening ends whose host is not seen as a neighbour until then.
[[nodiscard]] TimePoint unseenDeadline(const PolicyConfig& config, TimePoint now);

/// Returns who is noted as having asked: the client, once it has asked itself (`before` says so),
/// whichever of its addresses it asked from.
[[nodiscard]] IpAddress noted(const Parties& parties, const Claim* before);

/// Returns the free port nearest to `asked.externalPort` that `permitted` holds: that one, +1, -1,
/// +2, -2 ... (IGD-AddAny-09); nullopt: none. A port that the same host holds under another address
/// for the same internal port is free: the host has moved. One that the gateway above has offered
/// comes first.
[[nodiscard]] std::optional<Port> nearestFree(const Bench& bench, const Asked& asked,
                                              std::span<const PortRange> permitted);
[[nodiscard]] bool isFree(const Bench& bench, const Asked& asked);

/// Returns whether `holder` is what is asked for, but leads to another address of the same host.
[[nodiscard]] bool isMoved(const Opening& holder, const Asked& asked);
/// Returns the external port that the host has by NAT-PMP or PCP, for the same port of its own, at
/// another of its addresses; nullopt: it has none.
[[nodiscard]] std::optional<Port> heldElsewhere(const Bench& bench, const Asked& asked);
/// Returns whether the port of the other protocol belongs to another host, whoever made it.
[[nodiscard]] bool isBesideAnother(const Ledger& ledger, const MappingKey& key, const Host& client);
/// Returns whether one of `ranges` has that number, which need not be a port.
[[nodiscard]] bool contains(std::span<const PortRange> ranges, int port);

}  // namespace igd
