// SPDX-License-Identifier: GPL-2.0-or-later
#include "server_epoch.h"

#include <gtest/gtest.h>

namespace igd::above {
namespace {

const TimePoint t0{};

TEST(ServerEpoch, OfPcpRunsWithTheClock) {
    ServerEpoch epoch{true};
    EXPECT_TRUE(epoch.isKept(1000, t0)) << "the first";
    EXPECT_TRUE(epoch.isKept(1600, t0 + Seconds{600}));
    EXPECT_TRUE(epoch.isKept(1599, t0 + Seconds{600})) << "packets overtake each other";
    EXPECT_TRUE(epoch.isKept(2161, t0 + Seconds{1200})) << "a sixteenth too slow";
    EXPECT_FALSE(epoch.isKept(2161, t0 + Seconds{1800})) << "it stands still";
    EXPECT_FALSE(epoch.isKept(9000, t0 + Seconds{1810})) << "it runs ahead";
    EXPECT_TRUE(epoch.isKept(9010, t0 + Seconds{1820}));
    EXPECT_FALSE(epoch.isKept(3, t0 + Seconds{1830})) << "it began anew";
    EXPECT_TRUE(epoch.isKept(13, t0 + Seconds{1840}));
}

TEST(ServerEpoch, OfNatPmpMayRunAhead) {
    ServerEpoch epoch{false};
    EXPECT_TRUE(epoch.isKept(1000, t0));
    EXPECT_TRUE(epoch.isKept(9000, t0 + Seconds{10}));
    EXPECT_TRUE(epoch.isKept(9000 + 7 * 80 - 2, t0 + Seconds{10 + 8 * 80}));
    EXPECT_FALSE(epoch.isKept(9500, t0 + Seconds{10 + 16 * 80}));
    EXPECT_TRUE(epoch.isKept(9510, t0 + Seconds{20 + 16 * 80}));
}

}  // namespace
}  // namespace igd::above
