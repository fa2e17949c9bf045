// SPDX-License-Identifier: GPL-2.0-or-later
#include "followed_leases.h"

namespace igd {

std::vector<Opening> FollowedLeases::all(TimePoint now) const {
    if (hasRead_) return store_.openings(now);
    std::vector<Opening> held;
    for (const Opening& each : own_)
        if (Opening one = heldAt(each, now); !one.claims.empty()) held.push_back(std::move(one));
    return held;
}

bool FollowedLeases::haveChanged(TimePoint now) {
    std::vector<Opening> present = all(now);
    if (present == written_) return false;
    written_ = std::move(present);
    return true;
}

}  // namespace igd
