// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/header_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using testing::Optional;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(HeaderText, FindsAHeaderWithItsEmptyLine) {
    EXPECT_THAT(findHeader(kRequest), Optional(HeaderPlace{0, kRequest.size()}));
    const std::string withBody = std::string{kRequest} + "body\r\n\r\n";
    EXPECT_THAT(findHeader(withBody), Optional(HeaderPlace{0, kRequest.size()}));
    EXPECT_THAT(findHeader("GET / HTTP/1.0\r\n\r\n"), Optional(HeaderPlace{0, 18}));
}

TEST(HeaderText, WaitsForTheEnd) {
    for (std::size_t size = 0; size < kRequest.size(); ++size)
        EXPECT_FALSE(findHeader(kRequest.substr(0, size))) << size;
}

TEST(HeaderText, LeavesEmptyLinesBefore) {  // RFC 9112 section 2.2
    for (const std::string before : {"\r\n", "\n", "\r\n\r\n", "\n\r\n\n"})
        EXPECT_THAT(findHeader(before + std::string{kRequest}),
                    Optional(HeaderPlace{before.size(), before.size() + kRequest.size()}));
    for (const auto* none : {"", "\r", "\n", "\r\n\r", "\r\n\r\n\r\n"})
        EXPECT_FALSE(findHeader(none)) << none;
}

TEST(HeaderText, ReadsLinesThatEndWithLfAlone) {
    EXPECT_THAT(findHeader("GET / HTTP/1.0\n\nrest"), Optional(HeaderPlace{0, 16}));
    EXPECT_THAT(findHeader("GET / HTTP/1.0\nA: b\r\n\n"), Optional(HeaderPlace{0, 22}));
    EXPECT_THAT(tidiedHeader("GET / HTTP/1.0\nA: b\r\nC:d\n\n"),
                Optional(std::string{"GET / HTTP/1.0\r\nA: b\r\nC:d\r\n\r\n"}));
}

TEST(HeaderText, TakesBlanksBeforeColonsAway) {  // IGD-Quirk-22
    EXPECT_THAT(tidiedHeader("POST / HTTP/1.1\r\nSOAPACTION : \"a : b\"\r\nX\t :\r\n\r\n"),
                Optional(std::string{"POST / HTTP/1.1\r\nSOAPACTION: \"a : b\"\r\nX:\r\n\r\n"}));
    EXPECT_THAT(tidiedHeader("GET http://x :80/ HTTP/1.1\r\n\r\n"),
                Optional(std::string{"GET http://x :80/ HTTP/1.1\r\n\r\n"}));
}

TEST(HeaderText, LeavesTheRestAsItIs) {
    EXPECT_THAT(tidiedHeader(kRequest), Optional(std::string{kRequest}));
    for (const std::string odd :
         {"nonsense\r\n\r\n", "x\r\n: no name\r\n\r\n", "x\r\na b: c\r\n\r\n", "x\r\na:\r\r\n\r\n"})
        EXPECT_THAT(tidiedHeader(odd), Optional(odd));
}

TEST(HeaderText, RefusesFoldedLines) {
    EXPECT_FALSE(tidiedHeader("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"));
    EXPECT_FALSE(tidiedHeader("GET / HTTP/1.1\r\n\tHost: x\r\n\r\n"));
    EXPECT_FALSE(tidiedHeader("GET / HTTP/1.1\n \n\n"));
}

TEST(HeaderText, FindsParameters) {
    EXPECT_EQ(parameterIn("text/xml; charset=\"utf-8\"", "charset"), "utf-8");
    EXPECT_EQ(parameterIn("text/xml;a=b ; CharSet = GBK ;c=d", "charset"), "GBK");
    EXPECT_EQ(parameterIn("a; charset=\"", "charset"), "\"");
    for (const char* none : {"", "charset=gbk", "text/xml", "text/xml;", "text/xml; charset",
                             "text/xml; xcharset=gbk", "text/xml; charset="})
        EXPECT_EQ(parameterIn(none, "charset"), "") << none;
}

TEST(HeaderText, KnowsEarlyWhatIsNoRequest) {
    for (const auto* text : {"", "G", "\r\n", "\r\nGET /", "GET /\r", "GET /\r\n\x01", "nonsense"})
        EXPECT_TRUE(mayBecomeRequest(text)) << text;
    for (const auto text : {std::string_view{"\x16\x03\x01\x02", 4}, std::string_view{"GET \0", 5},
                            std::string_view{"\rx"}, std::string_view{"a\x7f\r\n"}})
        EXPECT_FALSE(mayBecomeRequest(text)) << text;
}

}  // namespace
}  // namespace igd::upnp
