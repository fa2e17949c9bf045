// SPDX-License-Identifier: GPL-2.0-or-later
#include "followed_leases.h"

#include "kept_leases.h"

namespace igd {

std::vector<Opening> FollowedLeases::all(TimePoint now) const {
    return hasRead_ ? store_.openings(now) : ownHeld(now);
}

std::vector<Opening> FollowedLeases::ownHeld(TimePoint now) const {
    std::vector<Opening> held;
    for (const Opening& each : own_)
        if (Opening one = heldAt(each, now); !one.claims.empty()) held.push_back(std::move(one));
    return held;
}

/// Two routers of one host name are told apart by the time alone.
std::vector<Opening> FollowedLeases::unwritten(std::optional<WallTime> ledSince,
                                               const Now& now) const {
    if (!hasRead_ || !ledSince) return {};
    const std::vector<Opening> written = store_.openings(now.monotonic);
    const std::vector<Opening> both = joined(written, ownHeld(now.monotonic), ledSince, now);
    std::vector<Opening> lacking;
    for (std::size_t i = 0; i < both.size(); ++i)
        if (i >= written.size() || both[i] != written[i]) lacking.push_back(both[i]);
    return lacking;
}

bool FollowedLeases::haveChanged(TimePoint now) {
    std::vector<Opening> present = all(now);
    if (present == written_) return false;
    written_ = std::move(present);
    return true;
}

}  // namespace igd
