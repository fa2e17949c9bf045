// SPDX-License-Identifier: GPL-2.0-or-later
// When to look at the rules after somebody changed them: once for a burst of changes, and never
// much later than its first. Pure: the caller has clock and timer.
#pragma once

#include "upnpd/util/time.h"

#include <algorithm>
#include <optional>

namespace igd::firewall {

class Settling {
public:
    static constexpr std::chrono::milliseconds kQuiet{
        100};  ///< without a change, and the burst is over
    static constexpr std::chrono::milliseconds kLongest{
        500};  ///< from its first change: no burst holds us up

    /// Somebody changed something now. The time at which to look.
    TimePoint changed(TimePoint now) {
        if (!first_) first_ = now;
        return std::min(now + kQuiet, *first_ + kLongest);
    }
    /// The look takes place; what comes from now on is another burst.
    void looked() { first_.reset(); }

private:
    std::optional<TimePoint> first_;
};

}  // namespace igd::firewall
