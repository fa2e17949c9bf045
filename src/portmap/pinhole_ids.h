// SPDX-License-Identifier: GPL-2.0-or-later
// UniqueIDs of UPnP's pinholes: 16 bits, and one that has ended is not given again for a while
// (IGD-6FC-25).
#pragma once

#include "ledger.h"

#include <map>
#include <optional>

namespace igd {

class PinholeIds {
public:
    /// Returns an id that is neither in `ledger` nor resting; nullopt: none is left.
    [[nodiscard]] std::optional<PinholeId> next(const Ledger& ledger, TimePoint now);
    /// Lets `id` rest.
    void end(PinholeId id, TimePoint now) { ended_[id] = now; }
    /// Gives ids above `id` from now on: an earlier run has given it.
    void begin(PinholeId id) { last_ = std::max(last_, id); }

private:
    std::map<PinholeId, TimePoint> ended_;
    PinholeId last_ = 0;
};

}  // namespace igd
