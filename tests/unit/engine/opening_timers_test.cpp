// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_timers.h"

#include "fakes.h"

#include "upnpd/util/log_limiter.h"

#include <boost/asio/post.hpp>

#include <functional>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OpeningTimersTest : public EngineTest {
protected:
    /// Openings whose end has come are held, too.
    void has(const std::vector<Opening>& openings) {
        ASSERT_TRUE(openings_.restore(openings, TimePoint{}));
        timers_.changed();
    }

    OpeningTimers timers_{loop_, openings_, {.retry = 10ms, .refresh = 10ms}};
};

TEST(OpeningTimersPace, TriesAgainAfterASecondAndKeepsFlowsInTime) {
    const OpeningTimers::Pace pace;
    EXPECT_EQ(pace.retry, 1s);
    EXPECT_EQ(pace.refresh, Openings::kRefresh);
}

TEST_F(OpeningTimersTest, NothingIsPlannedWithoutOpenings) {
    timers_.changed();
    EXPECT_TRUE(isIdle());
    has({mappingOf(kConsole, 3000)});
    EXPECT_TRUE(isIdle()) << "it has no end";
}

TEST_F(OpeningTimersTest, ALeaseEndsInItsTime) {
    const TimePoint end = Clock::now() + 20ms;
    has({mappingOf(kConsole, 3001, end + 40ms), mappingOf(kConsole, 3000, end)});
    runUntil([this] { return !record_.ended.empty(); });
    EXPECT_GE(Clock::now(), end);
    EXPECT_EQ(record_.ended.front(), "udp 3000 -> 192.168.1.10:3000");
    runUntil([this] { return openings_.lists().size() == 0; });
    EXPECT_GE(Clock::now(), end + 40ms);
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, ManyThatEndAtOnceEndInPartsAndOthersHaveTheirTurn) {
    const TimePoint end = Clock::now();
    std::vector<Opening> many;
    for (std::size_t i = 0; i < 2 * Openings::kMostEndings + 1; ++i)
        many.push_back(mappingOf(kConsole, static_cast<std::uint16_t>(10000 + i), end));
    has(many);
    std::vector<std::size_t> left;
    std::function<void()> other = [&] {
        left.push_back(openings_.lists().size());
        if (left.back() != 0) boost::asio::post(loop_, other);
    };
    boost::asio::post(loop_, other);
    runUntil([&] { return openings_.lists().size() == 0; });
    EXPECT_THAT(left, testing::Contains(1 + Openings::kMostEndings));
    EXPECT_THAT(left, testing::Contains(1U));
}

TEST_F(OpeningTimersTest, AnEarlierEndIsWaitedForInPlaceOfALaterOne) {
    has({mappingOf(kConsole, 3000, Clock::now() + 1h)});
    has({mappingOf(kPhone, 3001, Clock::now() + 20ms)});
    runUntil([this] { return !record_.ended.empty(); });
    EXPECT_THAT(record_.ended, ElementsAre("udp 3001 -> 192.168.1.11:3001"));
}

TEST_F(OpeningTimersTest, WhatTheFirewallRefusesToEndIsTriedAgain) {
    has({mappingOf(kConsole, 3000, Clock::now())});
    firewall_.broken = true;
    runFor(25ms);
    EXPECT_EQ(openings_.lists().size(), 1U) << "it is there, so it is listed";
    firewall_.broken = false;
    runUntil([this] { return openings_.lists().size() == 0; });
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, AChangeDoesNotBringTheNextTryForward) {
    OpeningTimers slow{loop_, openings_, {.retry = 1h, .refresh = 1h}};
    timers_.stop();
    has({mappingOf(kConsole, 3000, Clock::now())});
    firewall_.broken = true;
    slow.changed();
    poll();
    firewall_.broken = false;
    slow.changed();
    poll();
    EXPECT_EQ(openings_.lists().size(), 1U);
    EXPECT_FALSE(isIdle()) << "the next try is planned";
}

TEST_F(OpeningTimersTest, FlowsAreKeptForAsLongAsThereAreAny) {
    has({flowOf(kConsole, 6000, Clock::now() + 1h)});
    runUntil([this] { return firewall_.changes == 2; });
    timers_.changed();
    runUntil([this] { return firewall_.changes == 3; });
    ASSERT_TRUE(openings_.clear(Clock::now()));
    timers_.changed();
    runFor(30ms);
    EXPECT_EQ(firewall_.changes, 4) << "the end was the last change";
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
    has({mappingOf(kConsole, 3000, Clock::now()), flowOf(kConsole, 6000, Clock::now() + 1h)});
    timers_.stop();
    timers_.changed();
    runFor(30ms);
    EXPECT_EQ(openings_.lists().size(), 2U);
    EXPECT_EQ(firewall_.changes, 0);
    EXPECT_TRUE(isIdle());
}

TEST_F(OpeningTimersTest, NothingThatIsDueHappensAfterStop) {
    const TimePoint end = Clock::now();
    boost::asio::steady_timer first{loop_, end - 1s};
    first.async_wait([this](boost::system::error_code) { timers_.stop(); });
    has({mappingOf(kConsole, 3000, end), flowOf(kConsole, 6000, end + 1h)});
    pass(15ms);  // all three are due in one turn
    poll();
    EXPECT_EQ(openings_.lists().size(), 2U);
    EXPECT_EQ(firewall_.changes, 0);
    EXPECT_TRUE(isIdle());
}

}  // namespace
}  // namespace igd
