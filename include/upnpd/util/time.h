// SPDX-License-Identifier: GPL-2.0-or-later
// Time inside the daemon is monotonic. The event loop samples it and passes it down as `now`.
#pragma once

#include <chrono>

namespace igd {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Seconds = std::chrono::seconds;

/// Returns the whole seconds until `deadline`, rounded up, so that a lease that still runs never
/// reads 0. It returns 0 when the deadline has passed.
[[nodiscard]] constexpr Seconds secondsUntil(TimePoint deadline, TimePoint now) {
    return deadline <= now ? Seconds{0} : std::chrono::ceil<Seconds>(deadline - now);
}

}  // namespace igd
