// SPDX-License-Identifier: GPL-2.0-or-later
// UPnP's rules: what AddPortMapping, AddAnyPortMapping, DeletePortMapping, DeletePortMappingRange
// and the actions on pinholes do to the openings. Stateless; each stages what it grants.
#pragma once

#include "rule_set.h"

namespace igd {

class UpnpRules {
public:
    UpnpRules(const Bench& bench, DefaultLease defaultLease)
        : bench_(bench), defaultLease_(std::move(defaultLease)) {}

    /// Creates, renews or overwrites (igd.md 4.1). A claim of another protocol stays as it is. A
    /// host that comes back with another address takes its port along. Errors: those of admit(),
    /// Conflict.
    [[nodiscard]] Judged<void> add(const MappingRequest& request, const Parties& parties) const;
    /// Does the same on another port when that one is not to be had, or not permitted. Returns the
    /// port. Errors: as add(); TableFull when no port is left.
    [[nodiscard]] Judged<Port> addAny(const MappingRequest& request, const Parties& parties) const;
    /// Errors: NotFound, NotAuthorized.
    [[nodiscard]] Judged<void> release(const ReleaseRequest& request, const Parties& parties) const;
    /// Ends all of the range that the requester may end. Errors: NotFound, NotAuthorized.
    [[nodiscard]] Judged<void> release(const RangeRequest& request, const Parties& parties) const;

    /// Opens a pinhole, or renews the one with the same key. Errors: those of admit(),
    /// QuotaExceeded (no id is left).
    [[nodiscard]] Judged<PinholeId> add(const PinholeRequest& request,
                                        const Parties& parties) const;
    /// Gives it another lease. Errors: NotFound, those of admit().
    [[nodiscard]] Judged<void> update(const PinholeUpdate& update, const Parties& parties) const;
    /// Errors: NotFound, NotAuthorized.
    [[nodiscard]] Judged<void> release(const PinholeRelease& release, const Parties& parties) const;

private:
    [[nodiscard]] Judged<void> addOver(const Opening* own, const MappingRequest& request,
                                       const Parties& parties) const;
    [[nodiscard]] std::optional<TimePoint> endOf(const MappingRequest& request) const;
    [[nodiscard]] bool end(const Opening& opening, const Parties& parties) const;

    const Bench& bench_;
    DefaultLease defaultLease_;
};

/// Returns the pinhole with that id if `requester` may look at it. Errors: NotFound, NotAuthorized.
[[nodiscard]] Judged<const Opening*> pinholeOf(const Ledger& ledger, const Policy& policy,
                                               PinholeId id, const Parties& parties);

/// Returns whether `requester`, of that LAN, may end `opening` by UPnP. Nobody ends what the
/// administrator has written, and nobody without its nonce what PCP alone has claimed.
[[nodiscard]] bool mayEnd(const Policy& policy, const Opening& opening, const Parties& parties);

}  // namespace igd
