// SPDX-License-Identifier: GPL-2.0-or-later
#include "rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

using namespace std::chrono_literals;

Json opening(int port, std::optional<int> bytes) {
    return {{"kind", "mapping"},
            {"protocol", "tcp"},
            {"external_port", port},
            {"internal_port", 443},
            {"internal_address", "192.168.1.5"},
            {"bytes", bytes ? Json(*bytes) : Json()}};
}

TEST(Rates, CompareTwoLooks) {
    Rates rates;
    const TimePoint start{};
    auto used = rates.take({opening(1, 1000), opening(2, 5), opening(3, {})}, start);
    EXPECT_EQ(used.front().rate, std::nullopt);
    used =
        rates.take({opening(1, 1000), opening(2, 2005), opening(3, {}), opening(4, 9)}, start + 2s);
    EXPECT_EQ(used[0].opening["external_port"], 2) << "the busiest first";
    EXPECT_EQ(used[0].rate, 1000);
    EXPECT_EQ(used[1].rate, 0);
    EXPECT_EQ(used[2].opening["external_port"], 4) << "it is new";
    EXPECT_EQ(used[3].rate, std::nullopt) << "it is not counted";
    used = rates.take({opening(2, 5)}, start + 4s);
    EXPECT_EQ(used[0].rate, std::nullopt) << "the counter has begun anew";
}

TEST(Rates, AreATableThatFitsTheScreen) {
    std::vector<Used> used{{opening(2, 2005), 1000.0}, {opening(3, {}), std::nullopt}};
    const std::string text = ratesText(used, 0);
    EXPECT_THAT(text, testing::HasSubstr("  2 opening(s), 1.0 KiB/s\n"));
    EXPECT_THAT(text, testing::HasSubstr("\n1.0 KiB/s  2.0 KiB  for ever  192.168.1.5"));
    EXPECT_THAT(text, testing::HasSubstr("\n        -        -  for ever"));
    Screen screen;
    screen.lines = 4;
    EXPECT_THAT(ratesText(used, 0, screen), testing::Not(testing::HasSubstr("tcp 3")));
}

}  // namespace
}  // namespace igd::ctl
