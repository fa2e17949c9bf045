// SPDX-License-Identifier: GPL-2.0-or-later
#include "look_limit.h"

#include <gtest/gtest.h>

#include <chrono>

namespace igd {
namespace {

using std::chrono::milliseconds;

constexpr int kLan = 2;
constexpr int kOtherLan = 3;
const IpAddress kConsole = Ipv4Address{0xc0a8010a};
const TimePoint kStart{Seconds{1000}};

TEST(LookLimit, LooksForAHostOnceASecond) {
    LookLimit limit;
    EXPECT_TRUE(limit.admits(kLan, kConsole, kStart));
    EXPECT_FALSE(limit.admits(kLan, kConsole, kStart + milliseconds{999}));
    EXPECT_TRUE(limit.admits(kOtherLan, kConsole, kStart + milliseconds{999}));
    EXPECT_TRUE(limit.admits(kLan, kConsole, kStart + milliseconds{1000}));
}

TEST(LookLimit, LooksAgainForOneThatWasFoundAndForgotten) {
    LookLimit limit;
    EXPECT_TRUE(limit.admits(kLan, kConsole, kStart));
    limit.found(kOtherLan, kConsole);
    EXPECT_FALSE(limit.admits(kLan, kConsole, kStart));
    limit.found(kLan, kConsole);
    EXPECT_TRUE(limit.admits(kLan, kConsole, kStart));
    EXPECT_FALSE(limit.admits(kLan, kConsole, kStart));
}

TEST(LookLimit, LooksForSoManyInAnySecond) {
    LookLimit limit;
    std::size_t admitted = 0;
    for (std::uint32_t i = 0; i < 1000; ++i)
        if (limit.admits(kLan, Ipv4Address{i}, kStart + milliseconds{i / 2})) ++admitted;
    EXPECT_EQ(admitted, LookLimit::kPerSecond);
    EXPECT_FALSE(limit.admits(kLan, kConsole, kStart + milliseconds{999}));
    EXPECT_TRUE(limit.admits(kLan, kConsole, kStart + milliseconds{1000}));
}

TEST(LookLimit, WhoIsFoundAgainAndAgainCountsToo) {
    LookLimit limit;
    std::size_t admitted = 0;
    for (int i = 0; i < 1000; ++i) {
        if (limit.admits(kLan, kConsole, kStart)) ++admitted;
        limit.found(kLan, kConsole);
    }
    EXPECT_EQ(admitted, LookLimit::kPerSecond);
}

}  // namespace
}  // namespace igd
