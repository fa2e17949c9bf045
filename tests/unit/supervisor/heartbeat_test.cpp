// SPDX-License-Identifier: GPL-2.0-or-later
#include "heartbeat.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

using namespace std::chrono_literals;

class HeartbeatTest : public testing::Test {
protected:
    void run(std::chrono::milliseconds time) {
        loop_.restart();
        loop_.run_for(time);
    }

    boost::asio::io_context loop_;
    bool answers_ = true;
    int pings_ = 0;
    int deaths_ = 0;
    Heartbeat heartbeat_{loop_,
                         {.interval = 60ms, .patience = 20ms},
                         [this] {
                             ++pings_;
                             if (answers_) heartbeat_.heard();
                         },
                         [this] { ++deaths_; }};
};

TEST_F(HeartbeatTest, AsksWhoeverIsSilentAgainAndAgain) {
    heartbeat_.begin();
    run(30ms);
    EXPECT_EQ(pings_, 0);
    run(400ms);
    EXPECT_GE(pings_, 2);
    EXPECT_EQ(deaths_, 0);
}

TEST_F(HeartbeatTest, FindsADeadOneOnce) {
    answers_ = false;
    heartbeat_.begin();
    run(400ms);
    EXPECT_EQ(pings_, 1);
    EXPECT_EQ(deaths_, 1);
}

TEST_F(HeartbeatTest, AsksSoonWhoeverWasSentSomethingAndSaysNothing) {
    answers_ = false;
    heartbeat_.begin();
    heartbeat_.sent();
    heartbeat_.sent();
    run(55ms);
    EXPECT_EQ(pings_, 1);
    EXPECT_EQ(deaths_, 1);
}

TEST_F(HeartbeatTest, CountsWhatIsSentSoonAfterAnAnswer) {
    answers_ = false;
    heartbeat_.begin();
    heartbeat_.sent();
    heartbeat_.heard();
    heartbeat_.sent();
    run(55ms);
    EXPECT_EQ(pings_, 1);
    EXPECT_EQ(deaths_, 1);
}

TEST_F(HeartbeatTest, DoesNotAskWhoeverSpeaks) {
    heartbeat_.begin();
    for (int i = 0; i < 10; ++i) {
        heartbeat_.sent();
        heartbeat_.heard();
        run(10ms);
    }
    EXPECT_EQ(pings_, 0);
}

TEST_F(HeartbeatTest, ExpectsNothingOfOneThatWasTold) {
    answers_ = false;
    heartbeat_.begin();
    heartbeat_.stop();
    heartbeat_.sent();
    run(100ms);
    EXPECT_EQ(pings_ + deaths_, 0);
}

}  // namespace
}  // namespace igd
