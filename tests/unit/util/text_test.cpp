// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/text.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/time.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(ParseUnsigned, TakesTheWholeTextOrNothing) {
    EXPECT_EQ(parseUnsigned<std::uint16_t>("65535"), 65535);
    for (const char* text : {"", " 80", "80 ", "+80", "-1", "0x50", "80x", "65536", "8.0"})
        EXPECT_FALSE(parseUnsigned<std::uint16_t>(text)) << text;
}

TEST(Quoted, IsOneLineWhateverTheStrangerSent) {
    EXPECT_EQ(quoted("a\"b\n\xff"), R"("a\x22b\x0a\xff")");
    EXPECT_EQ(quoted("abcdef", 3), "\"abc...\"");
}

TEST(XmlEscaped, ReplacesTheFiveAndDropsWhatXmlForbids) {
    EXPECT_EQ(xmlEscaped("<a & \"b\">'\x01\t"), "&lt;a &amp; &quot;b&quot;&gt;&apos;\t");
}

TEST(CleanUtf8, DropsControlCharactersAndBadBytes) {  // IGD-Map-22, IGD-Map-24
    EXPECT_EQ(cleanUtf8("a\x01"
                        "b\x7f"
                        "c\xc2\x85"
                        "d\xff"
                        "e\n",
                        100),
              "abcde");
    EXPECT_EQ(cleanUtf8("\xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80ok", 100), "ok");
    EXPECT_EQ(cleanUtf8("\xe2\x82", 100), "");
}

TEST(CleanUtf8, CutsBetweenCharacters) {  // IGD-Map-23
    EXPECT_EQ(cleanUtf8("\xc3\xa4\xc3\xb6\xc3\xbc", 5), "\xc3\xa4\xc3\xb6");
    EXPECT_EQ(cleanUtf8(std::string(300, 'x'), 255).size(), 255U);
}

TEST(Words, AreSplitAtBlanks) {
    EXPECT_THAT(words("  a\tbc  d "), ElementsAre("a", "bc", "d"));
}

TEST(SecondsUntil, RoundsUpAndNeverGoesBelowZero) {
    const TimePoint t0{};
    EXPECT_EQ(secondsUntil(t0 + 1ms, t0), 1s);
    EXPECT_EQ(secondsUntil(t0 + 2s, t0), 2s);
    EXPECT_EQ(secondsUntil(t0, t0 + 1s), 0s);
}

}  // namespace
}  // namespace igd
