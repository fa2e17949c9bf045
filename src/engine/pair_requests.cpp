// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair_requests.h"

#include <algorithm>
#include <array>
#include <string>

namespace igd {

bool isForTheOther(const PairParts& pair, std::string_view word) {
    constexpr std::array<std::string_view, 6> kChanges{"add",   "delete",  "close",
                                                       "clear", "approve", "unapprove"};
    return pair.standsBy && pair.standsBy() && std::ranges::find(kChanges, word) != kChanges.end();
}

void changeRole(const PairParts& pair, bool toActive, const Pair::Promoted& done) {
    if (!pair.promote)
        return done("this router is alone: `role = pair` in upnpd.conf makes it one of two");
    if (toActive) return pair.promote(done);
    pair.demote();
    done(std::nullopt);
}

}  // namespace igd
