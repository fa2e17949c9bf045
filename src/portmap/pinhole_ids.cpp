// SPDX-License-Identifier: GPL-2.0-or-later
#include "pinhole_ids.h"

namespace igd {
namespace {

constexpr Seconds kRest{60};
constexpr unsigned kIds = 0x10000;

}  // namespace

std::optional<PinholeId> PinholeIds::next(const Ledger& ledger, TimePoint now) {
    std::erase_if(ended_, [now](const auto& entry) { return entry.second + kRest <= now; });
    for (unsigned tries = 0; tries < kIds; ++tries) {
        ++last_;
        if (last_ != 0 && ledger.byPinholeId(last_) == nullptr && !ended_.contains(last_))
            return last_;
    }
    return std::nullopt;
}

}  // namespace igd
