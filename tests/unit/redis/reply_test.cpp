// SPDX-License-Identifier: GPL-2.0-or-later
#include "reply.h"

#include <gtest/gtest.h>

namespace igd::redis {
namespace {

TEST(ReplyReader, ReadsAnswersHoweverTheyArriveInPieces) {
    const std::string octets =
        "+OK\r\n-ERR "
        "no\r\n:17\r\n$-1\r\n$5\r\nhel\r\n\r\n*2\r\n$1\r\na\r\n*1\r\n:-3\r\n*0\r\n*-1\r\n";
    for (std::size_t piece = 1; piece <= octets.size(); ++piece) {
        ReplyReader reader;
        std::vector<Reply> all;
        for (std::size_t at = 0; at < octets.size(); at += piece) {
            ASSERT_TRUE(reader.feed(octets.substr(at, piece)));
            while (auto reply = reader.next()) all.push_back(std::move(*reply));
        }
        ASSERT_EQ(all.size(), 8U);
        EXPECT_EQ(*all[0].asText(), "OK");
        EXPECT_TRUE(all[1].isError());
        EXPECT_EQ(all[1].text, "ERR no");
        EXPECT_EQ(all[2].asCount(), 17U);
        EXPECT_EQ(all[3].kind, Reply::Kind::Nothing);
        EXPECT_EQ(all[4].text, "hel\r\n");
        EXPECT_EQ(all[5].at(0).text, "a");
        EXPECT_EQ(all[5].at(1).at(0).number, -3);
        EXPECT_EQ(all[5].at(1).at(0).asCount(), 0U);
        EXPECT_EQ(all[5].at(7).kind, Reply::Kind::Nothing);
        EXPECT_EQ(all[6].kind, Reply::Kind::List);
        EXPECT_EQ(all[7].kind, Reply::Kind::Nothing);
    }
}

TEST(ReplyReader, ReadsCountsInTexts) {
    ReplyReader reader;
    ASSERT_TRUE(reader.feed("$2\r\n17\r\n$2\r\n-1\r\n$1\r\nx\r\n"));
    EXPECT_EQ(reader.next()->asCount(), 17U);
    EXPECT_EQ(reader.next()->asCount(), 0U);
    EXPECT_EQ(reader.next()->asCount(), 0U);
}

/// Returns whether all of `octets` is taken for answers, or for a part of one.
bool isTaken(const std::string& octets) {
    ReplyReader reader;
    for (std::size_t at = 0; at < octets.size(); at += 16384) {
        if (!reader.feed(std::string_view{octets}.substr(at, 16384))) return false;
        while (reader.next()) {
        }
        if (reader.failed()) return false;
    }
    return true;
}

TEST(ReplyReader, HasBounds) {
    EXPECT_FALSE(isTaken("HTTP/1.1 200 OK\r\n\r\n"));
    EXPECT_FALSE(isTaken("*100000000\r\n"));
    EXPECT_FALSE(isTaken("*1999999999999999999\r\n"));
    EXPECT_FALSE(isTaken("*15000\r\n*15000\r\n"));
    std::string deep;
    for (int i = 0; i < 8; ++i) deep += "*1\r\n";
    EXPECT_TRUE(isTaken(deep));
    EXPECT_FALSE(isTaken(deep + "*1\r\n"));
    EXPECT_FALSE(isTaken("$1000000000\r\n" + std::string(6 << 20, 'x')));
    EXPECT_TRUE(isTaken("$1000000\r\n" + std::string(900000, 'x')));
}

TEST(ReplyReader, FailsForGood) {
    ReplyReader reader;
    (void)reader.feed("!nonsense\r\n");
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.failed());
    EXPECT_FALSE(reader.feed("+OK\r\n"));
    EXPECT_FALSE(reader.next());
}

TEST(Command, MayHaveAnyOctets) {
    EXPECT_EQ(encoded({"SET", "a b", std::string{"\0\r\n", 3}}),
              std::string("*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\n\0\r\n\r\n", 31));
}

}  // namespace
}  // namespace igd::redis
