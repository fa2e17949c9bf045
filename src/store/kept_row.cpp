// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept_row.h"

#include "upnpd/system/lease_row.h"

#include <algorithm>
#include <chrono>

namespace igd::store {
namespace {

UnixTime endOf(const Opening& opening, const Now& now) {
    const auto end = opening.end();
    if (!end) return 0;
    return unixTime(now.wall + std::chrono::ceil<WallTime::duration>(*end - now.monotonic));
}

}  // namespace

UnixTime unixTime(WallTime time) {
    const auto since = time.time_since_epoch();
    return static_cast<UnixTime>(std::chrono::floor<std::chrono::milliseconds>(since).count());
}

bool isKept(const Opening& opening) {
    return std::ranges::any_of(opening.claims,
                               [](const Claim& claim) { return claim.origin != Origin::Static; });
}

Keep rowOf(const Opening& opening, std::uint64_t first, const Now& now) {
    return {.name = leaseNameText(opening.name()),
            .line = leaseText(opening, now),
            .end = endOf(opening, now),
            .first = first};
}

}  // namespace igd::store
