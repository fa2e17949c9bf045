// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_timers.h"

#include "fakes.h"

#include "upnpd/util/log_limiter.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OpeningTimersTest : public EngineTest {
protected:
    void has(const std::vector<Opening>& openings) {
        ASSERT_TRUE(openings_.restore(openings, Clock::now()));
        timers_.changed();
    }

    OpeningTimers timers_{loop_, openings_, {.retry = 60ms, .refresh = 10ms}};
};

TEST_F(OpeningTimersTest, NothingIsPlannedWithoutOpenings) {
    timers_.changed();
    EXPECT_TRUE(isIdle());
    has({mappingOf(kConsole, 3000)});
    EXPECT_TRUE(isIdle()) << "it has no end";
}

TEST_F(OpeningTimersTest, ALeaseEndsInItsTime) {
    const TimePoint end = Clock::now() + 20ms;
    has({mappingOf(kConsole, 3000, end), mappingOf(kConsole, 3001, end + 40ms)});
    poll();
    EXPECT_EQ(openings_.size(), 2U);
    loop_.run_one();
    EXPECT_GE(Clock::now(), end);
    EXPECT_THAT(record_.ended, ElementsAre("udp 3000 -> 192.168.1.10:3000"));
    runFor(150ms);
    EXPECT_EQ(openings_.size(), 0U);
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, AnEarlierEndIsWaitedForInPlaceOfALaterOne) {
    has({mappingOf(kConsole, 3000, Clock::now() + 1h)});
    const std::vector<Opening> earlier{mappingOf(kPhone, 3001, Clock::now() + 20ms)};
    ASSERT_TRUE(openings_.restore(earlier, Clock::now()));
    timers_.changed();
    runFor(80ms);
    EXPECT_THAT(record_.ended, ElementsAre("udp 3001 -> 192.168.1.11:3001"));
}

TEST_F(OpeningTimersTest, WhatTheFirewallRefusesToEndIsTriedAgain) {
    has({mappingOf(kConsole, 3000, Clock::now() + 10ms)});
    firewall_.broken = true;
    runFor(30ms);
    EXPECT_EQ(openings_.size(), 1U) << "it is there, so it is listed";
    firewall_.broken = false;
    timers_.changed();
    poll();
    EXPECT_EQ(openings_.size(), 1U) << "a change does not bring the next try forward";
    runFor(100ms);
    EXPECT_EQ(openings_.size(), 0U);
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, FlowsAreKeptForAsLongAsThereAreAny) {
    has({flowOf(kConsole, 6000, Clock::now() + 45ms)});
    runFor(35ms);
    EXPECT_GE(firewall_.changes, 1);
    EXPECT_LE(firewall_.changes, 3);
    timers_.changed();
    runFor(150ms);
    EXPECT_EQ(openings_.size(), 0U);
    EXPECT_TRUE(isIdle()) << "nothing is refreshed any more";
}

TEST_F(OpeningTimersTest, CountsOfTheLogWaitUntilTheyAreDue) {
    const MappingRequest privileged{.key = udp(80),
                                    .remoteHost = std::nullopt,
                                    .internal = {kConsole, Port{80}},
                                    .description = "game",
                                    .lease = 60s,
                                    .requester = kConsole};
    const Host console{kConsole};
    (void)openings_.apply(Change{privileged, {console, console, kLan}}, Clock::now());
    timers_.changed();
    EXPECT_FALSE(isIdle());
    openings_.flushLog(Clock::now() + LogLimiter::kPeriod);
    timers_.stop();
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, NothingEndsAfterStop) {
    const TimePoint end = Clock::now() + 20ms;
    has({mappingOf(kConsole, 3000, end), flowOf(kConsole, 6000, end + 1h)});
    timers_.stop();
    timers_.changed();
    runFor(60ms);
    EXPECT_EQ(openings_.size(), 2U);
    EXPECT_EQ(firewall_.changes, 0);
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, NothingThatIsDueHappensAfterStop) {
    boost::asio::steady_timer first{loop_, Clock::now() + 1ms};
    first.async_wait([this](boost::system::error_code) { timers_.stop(); });
    const TimePoint end = Clock::now() + 5ms;
    has({mappingOf(kConsole, 3000, end), flowOf(kConsole, 6000, end + 1h)});
    pass(15ms);  // all three are due in one turn
    poll();
    EXPECT_EQ(openings_.size(), 2U);
    EXPECT_EQ(firewall_.changes, 0);
    EXPECT_TRUE(isIdle());
}

}  // namespace
}  // namespace igd
