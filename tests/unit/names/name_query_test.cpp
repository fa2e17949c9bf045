// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/name_query.h"

#include "fake_reader.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const IpAddress kNas = parseIpAddress("192.168.1.10").value();

class NameQueryTest : public testing::Test {
protected:
    bool ask() {
        NameQuery::Question question;
        question.addresses = {kNas};
        return query_.ask(question);
    }
    void poll() {
        loop_.restart();
        loop_.poll();
    }

    boost::asio::io_context loop_{1};
    FakeReader reader_;
    std::vector<NamedHost> found_;
    int filesRead_ = 0;
    NameQuery query_{loop_,
                     {.found =
                          [this](const std::vector<NamedHost>& hosts) {
                              found_.insert(found_.end(), hosts.begin(), hosts.end());
                          },
                      .filesRead = [this] { ++filesRead_; }},
                     reader_.start()};
};

TEST_F(NameQueryTest, HearsOfFilesAndThenOfWhatWasLookedUp) {
    ASSERT_TRUE(ask());
    EXPECT_THAT(reader_.tasks.front().addresses, ElementsAre(kNas));
    reader_.send("192.168.1.11 - phone\n");
    reader_.send(kFilesRead);
    poll();
    EXPECT_THAT(found_, SizeIs(1));
    EXPECT_EQ(filesRead_, 1);
    reader_.send("192.168.1.10 - nas\n");
    poll();
    EXPECT_THAT(found_, SizeIs(2));
    reader_.end();
    poll();
    query_.childEnded();
    EXPECT_EQ(filesRead_, 1);
    EXPECT_FALSE(query_.isRunning());
}

TEST_F(NameQueryTest, AsksOneQuestionAtATime) {
    ASSERT_TRUE(ask());
    EXPECT_FALSE(ask());
    reader_.end();
    poll();
    EXPECT_FALSE(ask()) << "the process is not gone for good";
    query_.childEnded();
    EXPECT_TRUE(ask());
}

TEST_F(NameQueryTest, AProcessThatEndsWithoutAWordHasReadAll) {
    ASSERT_TRUE(ask());
    reader_.end();
    poll();
    EXPECT_EQ(filesRead_, 1);
    EXPECT_THAT(found_, IsEmpty());
}

TEST_F(NameQueryTest, StopsWithoutAWord) {
    ASSERT_TRUE(ask());
    reader_.send("192.168.1.11 - phone\n");
    query_.stop();
    poll();
    EXPECT_THAT(found_, IsEmpty());
    EXPECT_EQ(filesRead_, 0);
    reader_.reap();
    query_.childEnded();
    EXPECT_FALSE(query_.isRunning());
}

TEST_F(NameQueryTest, DoesWithoutAProcessThatCannotBeStarted) {
    reader_.refuses = true;
    EXPECT_FALSE(ask());
    EXPECT_FALSE(query_.isRunning());
    EXPECT_EQ(filesRead_, 0);
}

}  // namespace
}  // namespace igd
