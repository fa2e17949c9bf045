// SPDX-License-Identifier: GPL-2.0-or-later
#include "units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(Units, TellsTheTimeLeftInTwoUnits) {
    EXPECT_EQ(leaseText(0), "for ever");
    EXPECT_EQ(leaseText(59), "59s");
    EXPECT_EQ(leaseText(2530), "42m 10s");
    EXPECT_EQ(leaseText(7199), "1h 59m");
    EXPECT_EQ(leaseText(604800), "7d 0h");
}

TEST(Units, TellAmountsInPowersOf1024) {
    EXPECT_EQ(bytesText(0), "0 B");
    EXPECT_EQ(bytesText(999), "999 B");
    EXPECT_EQ(bytesText(1288490188), "1.2 GiB");
    EXPECT_EQ(bytesText(67108864), "64.0 MiB");
    EXPECT_EQ(bytesText(1023 * 1024), "1.0 MiB");
    EXPECT_EQ(bytesText(std::int64_t{1} << 62), "4.0 EiB");
}

TEST(Units, TellLocalTime) {
    EXPECT_EQ(clockText(0).size(), 8U);
    EXPECT_EQ(dateText(0).substr(11), clockText(0));
}

}  // namespace
}  // namespace igd::ctl
