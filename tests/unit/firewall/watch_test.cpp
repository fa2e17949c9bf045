// SPDX-License-Identifier: GPL-2.0-or-later
// The time when changes of others are looked at.
#include "settling.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using namespace std::chrono_literals;

TEST(Settling, WaitsForTheEndOfABurst) {
    Settling settling;
    const TimePoint start{1h};
    EXPECT_EQ(settling.changed(start), start + Settling::kQuiet);
    EXPECT_EQ(settling.changed(start + 90ms), start + 90ms + Settling::kQuiet);
}

TEST(Settling, NeverWaitsForLong) {
    Settling settling;
    const TimePoint start{1h};
    for (auto at = 0ms; at < 2000ms; at += 50ms)
        EXPECT_LE(settling.changed(start + at), start + Settling::kLongest);
    settling.looked();
    EXPECT_EQ(settling.changed(start + 3s), start + 3s + Settling::kQuiet);
}

}  // namespace
}  // namespace igd::firewall
