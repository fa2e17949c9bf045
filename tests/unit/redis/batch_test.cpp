// SPDX-License-Identifier: GPL-2.0-or-later
#include "batch.h"

#include "fake_server.h"
#include "replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::redis {
namespace {

using testing::HasSubstr;

class BatchTest : public testing::Test {
protected:
    BatchTest() {
        server_.texts["upnpd:token"] = "3";
        batch_.add(store::Keep{"mapping udp 1", "mapping udp 1 ...", 1800000000000, 5});
        batch_.add(store::Forget{"mapping udp 2"});
    }
    BatchOutcome write() {
        std::optional<BatchOutcome> outcome;
        redis::write(connection_, 3, batch_,
                     [&](const BatchOutcome& written) { outcome = written; });
        const TimePoint end = Clock::now() + Seconds{5};
        while (!outcome && Clock::now() < end) {
            loop_.restart();
            loop_.run_one_for(std::chrono::milliseconds{10});
        }
        return outcome.value();
    }

    boost::asio::io_context loop_{1};
    FakeServer server_{loop_};
    Connection connection_{loop_, server_.setting(), {}, {[] {}, [](const std::string&) {}}};
    Batch batch_;
};

TEST_F(BatchTest, IsARowItsEndAndAChange) {
    server_.hashes["upnpd:opening:mapping udp 2"] = {{"line", "x"}};
    const BatchOutcome outcome = write();
    EXPECT_TRUE(outcome.leadsStill);
    EXPECT_EQ(outcome.problem, "");
    EXPECT_EQ(server_.hashes["upnpd:opening:mapping udp 1"]["line"], "mapping udp 1 ...");
    EXPECT_EQ(server_.hashes["upnpd:opening:mapping udp 1"]["first"], "5");
    EXPECT_FALSE(server_.hashes.contains("upnpd:opening:mapping udp 2"));
    EXPECT_EQ(server_.changes.size(), 2U);
    EXPECT_THAT(server_.asked, testing::Contains(Command{"PEXPIREAT", "upnpd:opening:mapping udp 1",
                                                         "1800000060000"}));
    EXPECT_EQ(server_.texts["upnpd:batch"], "1");
}

TEST_F(BatchTest, IsNotWrittenByWhoeverHasLostTheLead) {
    server_.texts["upnpd:token"] = "4";
    const BatchOutcome outcome = write();
    EXPECT_FALSE(outcome.leadsStill);
    EXPECT_TRUE(server_.changes.empty());
}

TEST_F(BatchTest, IsNotWrittenWhenTheLeadIsLostInBetween) {
    server_.instead = [this](const Command& command) {
        if (command[0] == "MULTI") server_.texts["upnpd:token"] = "4";
        return "";
    };
    EXPECT_FALSE(write().leadsStill);
    EXPECT_TRUE(server_.changes.empty());
}

TEST_F(BatchTest, IsWrittenBehindAnEarlierOneThatWasLate) {
    bool isFirst = true;
    server_.instead = [&](const Command& command) {
        if (command[0] == "MULTI" && std::exchange(isFirst, false))
            server_.texts["upnpd:batch"] = "77";
        return "";
    };
    EXPECT_EQ(write().problem, "");
    EXPECT_EQ(server_.changes.size(), 2U);
    EXPECT_EQ(server_.texts["upnpd:batch"], "78");
}

TEST_F(BatchTest, SaysWhyItIsRefused) {
    server_.instead = [](const Command& command) {
        if (command[0] == "HSET") return "-OOM command not allowed\r\n";
        return command[0] == "EXEC" ? "-EXECABORT Transaction discarded\r\n" : "";
    };
    EXPECT_THAT(write().problem, HasSubstr("it is full"));
}

TEST_F(BatchTest, KeepsTheEpochAsFarAsItIsKnown) {
    Batch batch;
    batch.add(store::KeepEpoch{});
    EXPECT_TRUE(batch.commands().empty());
    batch.add(store::KeepEpoch{1, 2, "80.1.2.3"});
    EXPECT_EQ(batch.commands().size(), 3U);
}

TEST(Executed, MayHaveFailedInPart) {
    EXPECT_EQ(problemIn(list({number(1), text("OK")})), "");
    EXPECT_THAT(problemIn(list({number(1), error("WRONGTYPE x")})), HasSubstr("somebody else's"));
    EXPECT_THAT(problemIn(error("READONLY x")), HasSubstr("replica"));
}

}  // namespace
}  // namespace igd::redis
