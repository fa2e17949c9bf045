// SPDX-License-Identifier: GPL-2.0-or-later
// heritage of the init scripts: every pair of names that a distribution used.
#include "shell_style.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::HasSubstr;

struct Names {
    const char* external;
    const char* internal;
};

class ShellStyle : public testing::TestWithParam<Names> {};

TEST_P(ShellStyle, EveryPairOfNamesIsKnown) {
    const auto [external, internal] = GetParam();
    const std::string text =
        std::string{"# set by hand\n"} + external + "=\"ppp0\"\n" + internal + "='eth0'\n";
    const auto parsed = parseConfiguration(text, "f");
    EXPECT_TRUE(parsed.ok());
    ASSERT_TRUE(parsed.external);
    EXPECT_EQ(toString(parsed.external->uplink), "ppp0");
    ASSERT_EQ(parsed.internal.size(), 1U);
    EXPECT_EQ(parsed.internal[0].name.text(), "eth0");
    EXPECT_EQ(parsed.internal[0].line, 3U);
}

INSTANTIATE_TEST_SUITE_P(Pairs, ShellStyle,
                         testing::Values(Names{"OUTERFACE", "INTERFACE"},
                                         Names{"EXTIFACE", "INTIFACE"},
                                         Names{"EXT_IFACE", "INT_IFACE"},
                                         Names{"EXTERNAL_INTERFACE", "INTERNAL_INTERFACE"}));

TEST(ShellStyleFile, TakesListCommentExportAndUser) {
    const auto parsed = parseConfiguration(
        "export INTERFACE=\"eth0 vlan20\" # "
        "inside\r\nOUTERFACE=ppp0\nALLOW_MULTICAST=yes\nUPNPD_USER=igd:igd\n",
        "f");
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.internal.size(), 2U);
    EXPECT_EQ(parsed.settings.user, "igd");
    ASSERT_EQ(parsed.diagnostics.size(), 1U);
    EXPECT_EQ(parsed.diagnostics[0].line, 3U);
    EXPECT_THAT(parsed.diagnostics[0].text, HasSubstr("no multicast route"));
}

TEST(ShellStyleFile, ExecutesNothing) {
    const auto parsed = parseConfiguration("INTIFACE=$(reboot)\nEXTIFACE=`reboot`\n", "f");
    EXPECT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.diagnostics.size(), 2U);
    EXPECT_FALSE(parsed.external);
}

TEST(ShellStyleFile, IsNotSeenInADaemonsOwnFile) {
    EXPECT_FALSE(looksShellStyle("duration = 0\nINTERFACE=eth0\n"));
    EXPECT_FALSE(looksShellStyle(""));
    EXPECT_FALSE(looksShellStyle("PATH=/bin\n"));
    EXPECT_TRUE(looksShellStyle("# x\n\nINTERFACE=eth0\nPATH=/bin\n"));
}

}  // namespace
}  // namespace igd
