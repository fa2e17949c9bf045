// SPDX-License-Identifier: GPL-2.0-or-later
#include "shown_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

TEST(ShownText, CountsColumnsNotOctets) {
    EXPECT_EQ(columnsOf("abc"), 3U);
    EXPECT_EQ(columnsOf("caf\u00e9"), 4U);
    EXPECT_EQ(columnsOf("cafe\u0301"), 4U) << "the accent stands above";
    EXPECT_EQ(columnsOf("\u6771\u4eac"), 4U);
}

TEST(ShownText, IsCutBetweenCharacters) {
    EXPECT_EQ(cutTo("abc", 3, true), "abc");
    EXPECT_EQ(cutTo("abcdef", 5, true), "abcd\u2026");
    EXPECT_EQ(cutTo("abcdef", 5, false), "ab...");
    EXPECT_EQ(cutTo("\u6771\u4eac\u6771", 4, true), "\u6771\u2026") << "half a character";
}

TEST(ShownText, EscapesWhatIsNoVisibleCharacter) {
    EXPECT_EQ(shown("a\x1b\"\\", true), "\"a\\x1b\\x22\\x5c\"");
    EXPECT_EQ(shown("\u202ea\u00e9", true), "\"\\xe2\\x80\\xaea\u00e9\"");
    EXPECT_EQ(shown("\u00e9", false), "\"\\xc3\\xa9\"");
    EXPECT_EQ(shown("\xff", true), "\"\\xff\"");
}

}  // namespace
}  // namespace igd::ctl
