// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/encodings.h"

#include "upnpd/util/utf8.h"

#include <gtest/gtest.h>

#include <array>

namespace igd {
namespace {

using namespace std::string_view_literals;

class Encodings : public testing::Test {
protected:
    static void SetUpTestSuite() { loadEncodings(); }
};

TEST_F(Encodings, AreKnownByTheLabelsPeopleUse) {
    struct Sample {
        std::string_view label;
        std::string_view octets;
        std::string_view text;
    };
    constexpr auto kSamples = std::to_array<Sample>({
        {"ISO-8859-1", "caf\xe9", "caf\xc3\xa9"},
        {"windows-1252", "\x80 \x93\xfc\x94 \x9f",
         "\xe2\x82\xac \xe2\x80\x9c\xc3\xbc\xe2\x80\x9d \xc5\xb8"},
        {"GBK", "\xd3\xce\xcf\xb7", "\xe6\xb8\xb8\xe6\x88\x8f"},
        {"gb2312", "\xd3\xce\xcf\xb7", "\xe6\xb8\xb8\xe6\x88\x8f"},
        {"Shift_JIS", "\x83\x51\x81\x5b\x83\x80", "\xe3\x82\xb2\xe3\x83\xbc\xe3\x83\xa0"},
        {"windows-31J", "\x87\x40", "\xe2\x91\xa0"},
        {"EUC-JP", "\xa5\xb2", "\xe3\x82\xb2"},
        {"Big5", "\xb9\x43", "\xe9\x81\x8a"},
        {"EUC-KR", "\xb0\xd4", "\xea\xb2\x8c"},
        {"windows-1251", "\xe8", "\xd0\xb8"},
        {"KOI8-R", "\xc9", "\xd0\xb8"},
        {"iso8859-2", "\xb3", "\xc5\x82"},
        {"windows-1250", "\xb3", "\xc5\x82"},
        {"iso-8859-15", "\xa4", "\xe2\x82\xac"},
        {"windows-1254", "\xfe", "\xc5\x9f"},
        {"windows-1253", "\xe1", "\xce\xb1"},
    });
    for (const Sample& sample : kSamples)
        EXPECT_EQ(toUtf8(sample.octets, sample.label).value_or("unknown"), sample.text)
            << sample.label;
}

TEST_F(Encodings, PutAReplacementWhereOctetsAreNotTheirs) {
    EXPECT_EQ(toUtf8("a\xd3<b>", "gbk"), "a\xef\xbf\xbd<b>") << "cut in the middle";
    EXPECT_EQ(toUtf8("a\x83", "sjis"), "a\xef\xbf\xbd");
    EXPECT_EQ(toUtf8("\xff\xff\xff", "euc-kr"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(toUtf8("", "gbk"), "");
}

TEST_F(Encodings, GiveUtf8WhateverTheOctets) {
    std::string octets;
    for (int first = 0; first < 256; ++first)
        for (const char second : {'A', '\x81', '\xfe'}) {
            octets += static_cast<char>(first);
            octets += second;
        }
    for (const char* label :
         {"latin1", "gbk", "sjis", "euc-jp", "big5", "euc-kr", "koi8-r", "utf-16le", "utf-16be"}) {
        const auto text = toUtf8(octets, label);
        ASSERT_TRUE(text) << label;
        EXPECT_TRUE(isUtf8(*text)) << label;
        EXPECT_LE(text->size(), 3 * octets.size()) << label;
    }
    EXPECT_TRUE(isUtf8(withOctetsRead(octets)));
}

TEST_F(Encodings, DoNotKnowEveryLabel) {
    for (const char* label : {"", "utf-7", "x-user-defined", "ebcdic", "utf-8 utf-16"})
        EXPECT_FALSE(toUtf8("a", label)) << label;
}

TEST(WithOctetsRead, KeepsWhatIsUtf8) {
    EXPECT_EQ(withOctetsRead("\xc3\xa9"), "\xc3\xa9");
    EXPECT_EQ(withOctetsRead("\xc3\xa9 \xe9 \xe2\x82"), "\xc3\xa9 \xc3\xa9 \xc3\xa2\xe2\x80\x9a");
    EXPECT_EQ(withOctetsRead("\xc3\xa9\xe2\x82"), "\xc3\xa9\xc3\xa2\xe2\x80\x9a") << "cut";
    EXPECT_EQ(withOctetsRead("\x81"), "\xc2\x81");
}

TEST(WithOctetsRead, ReadsAWordInOneWay) {
    EXPECT_EQ(withOctetsRead("\xd3\xce\xcf\xb7 \xc3\xa9"),
              "\xc3\x93\xc3\x8e\xc3\x8f\xc2\xb7 \xc3\xa9");
}

TEST_F(Encodings, AreThoseThatADocumentDeclares) {
    const std::string gbk = "<?xml version='1.0' encoding = 'GBK' ?><a>\xd3\xce</a>";
    const std::string read = "<?xml version='1.0' encoding = 'GBK' ?><a>\xe6\xb8\xb8</a>";
    for (const char* charset : {"", "utf-8", "gb2312", "x-unknown"})
        EXPECT_EQ(documentInUtf8(gbk, charset), read) << charset;
    EXPECT_EQ(documentInUtf8("<a>\xd3\xce</a>", "gbk"), "<a>\xe6\xb8\xb8</a>");
    EXPECT_EQ(documentInUtf8("<a>\xd3\xce</a>", ""), "<a>\xc3\x93\xc3\x8e</a>");
    EXPECT_EQ(documentInUtf8("<a>\xe6\xb8\xb8</a>", "utf-8"), "<a>\xe6\xb8\xb8</a>");
    for (const char* odd : {"<?xml encoding", "<?xml encoding=", "<?xml encoding=GBK?><a/>",
                            "<?xml version='1.0'?><a encoding='GBK'/>", "<?xml encoding='GBK"})
        EXPECT_EQ(documentInUtf8(odd, ""), odd);
}

TEST_F(Encodings, AreSeenByTheFirstOctetsOfUtf16) {
    EXPECT_EQ(documentInUtf8("\xff\xfe<\0a\0/\0>\0"sv, "utf-8"), "\xef\xbb\xbf<a/>");
    EXPECT_EQ(documentInUtf8("\xfe\xff\0<\0a\0/\0>"sv, ""), "\xef\xbb\xbf<a/>");
    EXPECT_EQ(documentInUtf8("<\0\xe9\0>\0"sv, ""), "<\xc3\xa9>");
}

}  // namespace
}  // namespace igd
