// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/utf8.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(Utf8Length, IsThatOfTheFirstCharacter) {
    EXPECT_EQ(utf8Length("ab"), 1U);
    EXPECT_EQ(utf8Length("\xc3\xa9t"), 2U);
    EXPECT_EQ(utf8Length("\xe2\x82\xac"), 3U);
    EXPECT_EQ(utf8Length("\xf0\x9f\x8e\xae!"), 4U);
    for (const char* none :
         {"", "\xe9t\xe9", "\x80", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xe0\x80\x80",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"})
        EXPECT_EQ(utf8Length(none), 0U) << none;
}

TEST(IsUtf8, LooksAtTheWholeText) {
    EXPECT_TRUE(isUtf8(""));
    EXPECT_TRUE(isUtf8("caf\xc3\xa9 \xf0\x9f\x8e\xae"));
    EXPECT_FALSE(isUtf8("caf\xe9"));
    EXPECT_FALSE(isUtf8("cut \xe2\x82"));
}

TEST(IsCutUtf8, LooksForTheMissingEnd) {
    for (const char* cut : {"\xc3", "\xe2", "\xe2\x82", "\xf0\x9f\x8e"})
        EXPECT_TRUE(isCutUtf8(cut)) << cut;
    for (const char* other : {"", "a", "\x80", "\xc3\xa9", "\xe2\x82\xac", "\xe2\xe2", "\xc0"})
        EXPECT_FALSE(isCutUtf8(other)) << other;
}

TEST(IsXmlCharacter, ExceptsControlCharactersAndNoncharacters) {
    for (const char* one : {"a", "\t", "\n", "\r", "\x7f", "\xc2\x85", "\xef\xbf\xbd"})
        EXPECT_TRUE(isXmlCharacter(one)) << one;
    for (const char* one : {"\x01", "\x1b", "\xef\xbf\xbe", "\xef\xbf\xbf"})
        EXPECT_FALSE(isXmlCharacter(one)) << one;
}

TEST(AppendUtf8, WritesEachLength) {
    std::string text;
    for (const char16_t each : {u'a', u'\u00e9', u'\u07ff', u'\u0800', u'\u20ac', u'\uffff'})
        appendUtf8(text, each);
    EXPECT_EQ(text, "a\xc3\xa9\xdf\xbf\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf");
}

}  // namespace
}  // namespace igd
