// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/plain_words.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

TEST(PlainWords, NamesTheTwoGreatestUnitsOfATime) {
    EXPECT_EQ(briefTime(Seconds{0}), "0 s");
    EXPECT_EQ(briefTime(Seconds{59}), "59 s");
    EXPECT_EQ(briefTime(Seconds{60}), "1 min");
    EXPECT_EQ(briefTime(Seconds{42 * 60 + 59}), "42 min") << "minutes have no seconds";
    EXPECT_EQ(briefTime(Seconds{3600}), "1 h");
    EXPECT_EQ(briefTime(Seconds{3600 + 58 * 60 + 59}), "1 h 58 min");
    EXPECT_EQ(briefTime(Seconds{86400 + 59}), "1 d");
    EXPECT_EQ(briefTime(Seconds{3 * 86400 + 4 * 3600}), "3 d 4 h");
}

TEST(PlainWords, WritesAtMostThreeDigitsOfASize) {
    EXPECT_EQ(briefSize(0), "0 B");
    EXPECT_EQ(briefSize(999), "999 B");
    EXPECT_EQ(briefSize(1000), "1.0 KiB");
    EXPECT_EQ(briefSize(1288490189), "1.2 GiB");
    EXPECT_EQ(briefSize(34 << 10), "34 KiB");
    EXPECT_EQ(briefSize(999 << 10), "999 KiB");
    EXPECT_EQ(briefSize((1000 << 10) - 1), "1.0 MiB") << "not 1000 KiB";
    EXPECT_EQ(briefSize(~std::uint64_t{0}), "16 EiB");
}

TEST(PlainWords, NamesProtocolsAsPeopleKnowThem) {
    EXPECT_EQ(plainName(Origin::Igd), "UPnP");
    EXPECT_EQ(plainName(Origin::NatPmp), "NAT-PMP");
    EXPECT_EQ(plainName(Origin::Pcp), "PCP");
    EXPECT_EQ(plainName(Origin::Static), "configuration");
    EXPECT_EQ(plainName(Origin::Admin), "administrator");
}

}  // namespace
}  // namespace igd::upnp
