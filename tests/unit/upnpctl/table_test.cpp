// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(Table, HasColumnsAsWideAsTheyNeedToBe) {
    Table table{{{"A"}, {"NUMBER", true}, {"C"}}};
    table.add({"one", "1", ""});
    table.add({"\u6771\u4eac", "22", "x"});
    EXPECT_EQ(table.text({}), "A     NUMBER  C\none        1\n\u6771\u4eac      22  x\n");
}

TEST(Table, LeavesEmptyColumnsOut) {
    Table table{{{"A"}, {"B"}}};
    table.add({"", "x"});
    table.dropEmptyColumns();
    EXPECT_EQ(table.text({}), "B\nx\n");
}

TEST(Table, CutsTheWidestOfThoseThatMayBe) {
    Table table{{{"ADDRESS"}, {"NAME", false, true}, {"TEXT", false, true}}};
    table.add({"192.168.100.200", "abcdefghijkl", "abcdefghijklmnopqrst"});
    Screen screen;
    screen.columns = 40;
    EXPECT_THAT(table.text(screen),
                testing::EndsWith("192.168.100.200  abcdefg...  abcdefgh...\n"));
    screen.columns = 10;  // the rest is whole
    EXPECT_THAT(table.text(screen), testing::EndsWith("192.168.100.200  abcde...  abcde...\n"));
}

TEST(Table, NeverCutsAHeading) {
    Table table{{{"DESCRIPTION", false, true}}};
    table.add({"abcdefghijklmnopqrst"});
    Screen screen;
    screen.columns = 5;
    EXPECT_EQ(table.text(screen), "DESCRIPTION\nabcdefgh...\n");
}

TEST(Table, HasColoursWhereTheScreenHas) {
    Screen screen;
    EXPECT_EQ(toned("x", Tone::Refused, screen), "x");
    screen.colours = true;
    EXPECT_EQ(toned("x", Tone::Refused, screen), "\x1b[31mx\x1b[0m");
    EXPECT_EQ(toned("x", Tone::Plain, screen), "x");
}

}  // namespace
}  // namespace igd::ctl
