// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl(8) asks this of one of a pair of routers.
#pragma once

#include "pair.h"

#include <functional>
#include <string_view>

namespace igd {

/// All is empty where the router is alone.
struct PairParts {
    std::function<bool()> standsBy{};
    std::function<void(Pair::Promoted promoted)> promote{};
    std::function<void()> demote{};
};

/// Returns whether the request `word` changes openings, while the other router has them.
[[nodiscard]] bool isForTheOther(const PairParts& pair, std::string_view word);

/// Makes this router the active one, or the one that stands by. Calls `done` once, at once or
/// later, with why that was not to be.
void changeRole(const PairParts& pair, bool toActive, const Pair::Promoted& done);

}  // namespace igd
