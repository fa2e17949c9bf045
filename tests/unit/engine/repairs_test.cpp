// SPDX-License-Identifier: GPL-2.0-or-later
#include "repairs.h"

#include "fakes.h"

#include <sstream>

namespace igd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(RepairsPace, BacksOffFromOneToSixteenSeconds) {
    const Repairs::Pace pace;
    EXPECT_EQ(pace.firstRetry, 1s);
    EXPECT_EQ(pace.lastRetry, 16s);
    EXPECT_EQ(pace.betweenLines, 60s);
}

class RepairsTest : public LoopTest {
protected:
    /// Returns the pauses between the tries, in milliseconds, rounded down.
    [[nodiscard]] std::vector<std::chrono::milliseconds> pauses() const {
        std::vector<std::chrono::milliseconds> pauses;
        for (std::size_t i = 1; i < tries_.size(); ++i)
            pauses.push_back(
                std::chrono::floor<std::chrono::milliseconds>(tries_[i] - tries_[i - 1]));
        return pauses;
    }
    /// Returns the lines that `action` writes to the log.
    template <class Action>
    static std::vector<std::string> linesOf(Action action) {
        testing::internal::CaptureStderr();
        action();
        std::istringstream log{testing::internal::GetCapturedStderr()};
        std::vector<std::string> lines;
        for (std::string line; std::getline(log, line);) lines.push_back(line);
        return lines;
    }

    bool broken_ = false;
    std::vector<TimePoint> tries_;
    Repairs repairs_{loop_,
                     {.repair =
                          [this](TimePoint now) {
                              tries_.push_back(now);
                              return broken_ ? Result<void>{fail(MappingError::Backend)}
                                             : Result<void>{};
                          },
                      .describe = [] { return "3 mapping(s)"; }},
                     {.firstRetry = 4ms, .lastRetry = 16ms, .betweenLines = 60ms}};
};

TEST_F(RepairsTest, DamageIsMendedAtOnceAndSaid) {
    const auto lines = linesOf([this] { repairs_.damaged("the table upnpd is gone"); });
    EXPECT_EQ(tries_.size(), 1U);
    EXPECT_EQ(repairs_.count(), 1U);
    EXPECT_THAT(lines, ElementsAre(AllOf(HasSubstr("the table upnpd is gone"),
                                         HasSubstr("put back, 3 mapping(s) in "))));
}

TEST_F(RepairsTest, BacksOffWhileTheFirewallRefuses) {
    broken_ = true;
    const auto lines = linesOf([this] {
        repairs_.damaged("gone");
        runUntil([this] { return tries_.size() == 5; });
    });
    const std::vector<std::chrono::milliseconds> atLeast{4ms, 8ms, 16ms, 16ms};
    for (std::size_t i = 0; i < atLeast.size(); ++i) EXPECT_GE(pauses()[i], atLeast[i]) << i;
    runFor(24ms);
    EXPECT_EQ(tries_.size(), 6U) << "no pause is longer than the last";
    EXPECT_EQ(repairs_.count(), 0U);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("could not be put back yet"))) << "once";
}

TEST_F(RepairsTest, NewDamageIsTriedAtOnceAndBacksOffAnew) {
    broken_ = true;
    repairs_.damaged("gone");
    runUntil([this] { return tries_.size() == 4; });
    repairs_.damaged("gone again");
    EXPECT_EQ(tries_.size(), 5U);
    runFor(8ms);
    EXPECT_EQ(tries_.size(), 6U) << "after the first pause, not after the last";
}

TEST_F(RepairsTest, NewDamageThatIsMendedCallsTheRetryOff) {
    broken_ = true;
    repairs_.damaged("gone");
    broken_ = false;
    repairs_.damaged("gone again");
    EXPECT_EQ(repairs_.count(), 1U);
    runFor(20ms);
    EXPECT_EQ(tries_.size(), 2U);
    EXPECT_TRUE(isIdle());
}

TEST_F(RepairsTest, ARetryThatSucceedsIsTheLast) {
    broken_ = true;
    repairs_.damaged("gone");
    broken_ = false;
    runUntil([this] { return repairs_.count() == 1; });
    EXPECT_EQ(tries_.size(), 2U);
    EXPECT_TRUE(isIdle());
}

TEST_F(RepairsTest, WhoeverFlushesAllTheTimeGetsOneLineInThatTime) {
    const auto first = linesOf([this] {
        for (int i = 0; i < 4; ++i) repairs_.damaged("gone");
    });
    EXPECT_EQ(first.size(), 1U);
    EXPECT_EQ(repairs_.count(), 4U) << "each is counted";
    const auto second = linesOf([this] {
        runFor(70ms);
        repairs_.damaged("gone");
    });
    EXPECT_THAT(second, ElementsAre(HasSubstr("gone: put back 3 time(s) more in 1 s"),
                                    HasSubstr("gone: put back, 3 mapping(s) in ")));
}

TEST_F(RepairsTest, ARefusalAfterEachFlushIsSaidOnceInThatTime) {
    broken_ = true;
    const auto lines = linesOf([this] {
        for (int i = 0; i < 4; ++i) repairs_.damaged("gone");
    });
    EXPECT_EQ(lines.size(), 1U);
    EXPECT_EQ(tries_.size(), 4U);
}

TEST_F(RepairsTest, NothingIsTriedAfterStop) {
    broken_ = true;
    repairs_.damaged("gone");
    repairs_.stop();
    runFor(20ms);
    repairs_.damaged("gone");
    EXPECT_EQ(tries_.size(), 1U);
    EXPECT_TRUE(isIdle());
}

}  // namespace
}  // namespace igd
