// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/log_limiter.h"

#include <gmock/gmock.h>

#include <string>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const TimePoint t0 = TimePoint{} + std::chrono::hours{1};

class LogLimiterTest : public testing::Test {
protected:
    LogLimiterTest() { log::open(log::Target::StandardError, 2); }
    ~LogLimiterTest() override { log::open(log::Target::StandardError, 2); }

    /// Returns what `act` has written to the log.
    template <class Act>
    static std::string written(Act act) {
        testing::internal::CaptureStderr();
        act();
        return testing::internal::GetCapturedStderr();
    }
    std::string write(const std::string& host, const std::string& line, TimePoint now = t0) {
        return written([&] { limiter.write(log::Level::Info, host, line, now); });
    }
    std::string flush(TimePoint now) {
        return written([&] { limiter.flush(now); });
    }
    LogLimiter limiter{};
};

TEST_F(LogLimiterTest, WritesALineOnceAndThenItsCount) {
    EXPECT_THAT(write("alice", "refused"), HasSubstr("refused"));
    for (int i = 0; i < 59; ++i) EXPECT_EQ(write("alice", "refused", t0 + 59s), "");
    EXPECT_EQ(flush(t0 + 59s), "");
    EXPECT_THAT(flush(t0 + 60s), HasSubstr("refused (and 59 more in 60 s)"));
    EXPECT_EQ(flush(t0 + 120s), "") << "it is said once";
}

TEST_F(LogLimiterTest, SaysNothingMoreOfALineThatWasWrittenOnce) {
    (void)write("alice", "refused");
    EXPECT_EQ(flush(t0 + 60s), "");
}

TEST_F(LogLimiterTest, BeginsAnewWhenThePeriodIsOver) {
    (void)write("alice", "refused");
    (void)write("alice", "refused");
    const std::string later = write("alice", "refused", t0 + 60s);
    EXPECT_THAT(later, HasSubstr("(and 1 more in 60 s)")) << "write() flushes too";
    EXPECT_THAT(later, HasSubstr("refused\n"));
}

TEST_F(LogLimiterTest, TellsHostsAndLinesApart) {
    (void)write("alice", "refused");
    EXPECT_THAT(write("bob", "refused"), HasSubstr("refused"));
    EXPECT_THAT(write("alice", "granted"), HasSubstr("granted"));
}

TEST_F(LogLimiterTest, GivesAHostABudgetOfLines) {
    for (std::size_t i = 0; i < LogLimiter::kLinesPerHost; ++i)
        EXPECT_NE(write("alice", "line " + std::to_string(i)), "");
    for (int i = 0; i < 480; ++i) EXPECT_EQ(write("alice", "more " + std::to_string(i)), "");
    EXPECT_NE(write("bob", "line 0"), "") << "the budget of another is his own";
    EXPECT_THAT(flush(t0 + 60s), HasSubstr("alice caused 480 more lines in 60 s"));
    EXPECT_NE(write("alice", "line 0", t0 + 60s), "");
}

TEST_F(LogLimiterTest, LetsHostsBeyondItsMemoryShareOneBudget) {
    for (std::size_t i = 0; i < LogLimiter::kHosts; ++i)
        (void)write("host " + std::to_string(i), "line");
    std::size_t lines = 0;
    for (int i = 0; i < 100; ++i)
        lines += write("other " + std::to_string(i), "l" + std::to_string(i)) != "" ? 1 : 0;
    EXPECT_EQ(lines, LogLimiter::kLinesPerHost);
    EXPECT_NE(write("host 5", "another line"), "") << "the first have their own";
    EXPECT_THAT(flush(t0 + 60s), HasSubstr("other hosts caused 80 more lines in 60 s"));
}

TEST_F(LogLimiterTest, SaysWhenItHasSomethingToSay) {
    EXPECT_EQ(limiter.nextFlush(), TimePoint::max());
    (void)write("alice", "refused");
    EXPECT_EQ(limiter.nextFlush(), t0 + LogLimiter::kPeriod);
    (void)flush(t0 + 60s);
    EXPECT_EQ(limiter.nextFlush(), TimePoint::max());
}

TEST_F(LogLimiterTest, CountsNoLineThatTheLevelHides) {
    log::open(log::Target::StandardError, 1);
    EXPECT_EQ(write("alice", "refused"), "");
    EXPECT_EQ(limiter.nextFlush(), TimePoint::max());
}

TEST_F(LogLimiterTest, WritesCountsAtTheLevelOfTheirLine) {
    for (int i = 0; i < 2; ++i)
        (void)written([&] { limiter.write(log::Level::Warning, "alice", "lost", t0); });
    const std::string counts = flush(t0 + 60s);
    EXPECT_THAT(counts, HasSubstr("warning"));
    EXPECT_THAT(counts, Not(HasSubstr("info")));
}

}  // namespace
}  // namespace igd
