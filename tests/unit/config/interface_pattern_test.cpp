// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/interface_pattern.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

bool fits(const char* pattern, const char* name) {
    return InterfacePattern::parse(pattern)->matches(*InterfaceName::parse(name));
}

TEST(InterfacePattern, AStarStandsForAnyCharacters) {
    EXPECT_TRUE(fits("ve-*", "ve-web"));
    EXPECT_TRUE(fits("ve-*", "ve-"));
    EXPECT_FALSE(fits("ve-*", "ve"));
    EXPECT_FALSE(fits("ve-*", "xve-web"));
    EXPECT_TRUE(fits("*.lan", "eth0.lan"));
    EXPECT_TRUE(fits("v*-*x", "ve-x-x"));
    EXPECT_FALSE(fits("v*-*x", "ve-x-y"));
    EXPECT_TRUE(fits("wg*", "wg0"));
    EXPECT_FALSE(fits("wg*0", "wg01"));
}

TEST(InterfacePattern, IsReadWithAStarBesideOtherCharacters) {
    for (const char* const bad : {"", "*", "**", "ve-", "-*", "ve *", "ve-/*", "averylongpattern*"})
        EXPECT_FALSE(InterfacePattern::parse(bad)) << bad;
    EXPECT_EQ(InterfacePattern::parse("ve-*")->text(), "ve-*");
}

TEST(Uplink, IsANameOrAuto) {
    EXPECT_EQ(toString(Uplink{{*InterfaceName::parse("ppp0")}}), "ppp0");
    EXPECT_EQ(toString(Uplink{{*InterfaceName::parse("wan0"), *InterfaceName::parse("wan1")}}),
              "wan0 wan1");
    EXPECT_EQ(toString(Uplink{}), "auto");
}

}  // namespace
}  // namespace igd
