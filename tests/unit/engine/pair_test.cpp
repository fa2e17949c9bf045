// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair.h"

#include "fake_lease_store.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PairTest : public testing::Test {
protected:
    void promote() {
        pair_.promote(
            [this](const auto& refusal) { promoted_.push_back(refusal.value_or("done")); });
    }
    void becomeActive() {
        promote();
        store_.answerLead(Lead{.token = 7, .bootId = 100});
    }
    /// The next tick comes `later` than the last one.
    void tick(std::chrono::milliseconds later) { pair_.tick(now_ += later); }

    FakeLeaseStore store_;
    std::vector<std::string> done_;      ///< by the engine
    std::vector<std::string> promoted_;  ///< answers to promote()
    std::vector<TimePoint> until_;
    std::uint32_t bootId_ = 0;
    bool firewallWorks_ = true;
    TimePoint now_ = Clock::now();
    Pair pair_{store_,
               {.begin =
                    [this](const Lead& lead) {
                        done_.emplace_back("begin");
                        bootId_ = lead.bootId;
                        return firewallWorks_;
                    },
                .end = [this] { done_.emplace_back("end"); },
                .mayAnswer = [this](TimePoint until) { until_.push_back(until); },
                .changed = [this](const std::string& text) { done_.push_back(text); }}};
};

TEST_F(PairTest, StandsByAtTheStart) {
    EXPECT_FALSE(pair_.isActive());
    EXPECT_FALSE(pair_.mayAnswer(Clock::now()));
    tick(250ms);
    EXPECT_THAT(until_, IsEmpty());
    EXPECT_THAT(store_.calls, IsEmpty());
}

TEST_F(PairTest, TakesTheLeadBeforeItBegins) {
    promote();
    EXPECT_THAT(done_, IsEmpty());
    EXPECT_THAT(promoted_, IsEmpty());
    store_.answerLead(Lead{.token = 7, .bootId = 100});
    EXPECT_THAT(done_, ElementsAre("begin", HasSubstr("this router is the active one")));
    EXPECT_THAT(promoted_, ElementsAre("done"));
    EXPECT_EQ(bootId_, 100U);
    EXPECT_TRUE(pair_.mayAnswer(Clock::now()));
}

TEST_F(PairTest, GoesOnFromMemoryWithoutTheStore) {
    store_.left = Lead{.token = 6, .bootId = 90};
    promote();
    store_.answerLead(tl::unexpected(std::string{"connection refused"}));
    EXPECT_THAT(promoted_, ElementsAre("done"));
    EXPECT_TRUE(pair_.isActive());
    EXPECT_EQ(bootId_, 90U);
}

TEST_F(PairTest, PromotedTwiceItTakesTheLeadOnce) {
    promote();
    promote();
    store_.answerLead(Lead{});
    promote();
    EXPECT_THAT(store_.calls, ElementsAre("lead"));
    EXPECT_THAT(promoted_, ElementsAre("done", "done", "done"));
}

TEST_F(PairTest, StandsByWhereTheFirewallTakesNoRules) {
    firewallWorks_ = false;
    becomeActive();
    EXPECT_FALSE(pair_.isActive());
    EXPECT_THAT(promoted_, ElementsAre(HasSubstr("the firewall does not take the rules")));
    EXPECT_THAT(store_.calls, ElementsAre("lead", "follow"));
    EXPECT_THAT(done_, ElementsAre("begin", "end", HasSubstr("stands by")));
}

TEST_F(PairTest, DemotedItIsSilentBeforeItsRulesGo) {
    becomeActive();
    done_.clear();
    pair_.demote("told to");
    EXPECT_FALSE(pair_.isActive());
    EXPECT_EQ(until_.back(), TimePoint{});
    EXPECT_THAT(done_, ElementsAre("end", "this router stands by: told to"));
    EXPECT_THAT(store_.calls, ElementsAre("lead", "follow"));
    pair_.demote("told again");
    EXPECT_EQ(store_.calls.size(), 2U);
}

TEST_F(PairTest, DemotedWhileItTakesTheLeadItNeverBegins) {
    promote();
    pair_.demote("told to");
    EXPECT_THAT(promoted_, ElementsAre(HasSubstr("stands by")));
    store_.answerLead(Lead{});
    EXPECT_FALSE(pair_.isActive());
    EXPECT_THAT(done_, ElementsAre(HasSubstr("stands by")));
}

TEST_F(PairTest, StandsByWhenAnotherOneHasTakenTheLead) {
    becomeActive();
    pair_.replaced("router-2");
    EXPECT_FALSE(pair_.isActive());
    EXPECT_THAT(done_.back(), HasSubstr("router-2 has taken the lead"));
    becomeActive();
    EXPECT_TRUE(pair_.isActive()) << "it may come back";
}

TEST_F(PairTest, LetsFrontEndsAnswerForAMoment) {
    becomeActive();
    until_.clear();
    now_ = Clock::now();
    tick(250ms);
    EXPECT_THAT(until_, ElementsAre(now_ + Pair::kTrust));
    EXPECT_TRUE(pair_.mayAnswer(now_ + 999ms));
    EXPECT_FALSE(pair_.mayAnswer(now_ + 1s));
}

TEST_F(PairTest, AfterAStopItAsksWhetherItLeadsStill) {
    becomeActive();
    now_ = Clock::now();
    tick(250ms);
    until_.clear();
    tick(3s);
    EXPECT_EQ(store_.calls.back(), "confirm");
    EXPECT_THAT(until_, IsEmpty());
    EXPECT_FALSE(pair_.mayAnswer(now_));
    tick(250ms);
    EXPECT_THAT(until_, IsEmpty()) << "not before the store has answered";
    store_.answerConfirm(true);
    EXPECT_EQ(until_.size(), 1U);
    EXPECT_TRUE(pair_.isActive());
}

TEST_F(PairTest, AfterAStopItStandsByIfItLeadsNoMore) {
    becomeActive();
    now_ = Clock::now();
    tick(250ms);
    tick(3s);
    pair_.replaced("router-2");
    store_.answerConfirm(false);
    EXPECT_FALSE(pair_.isActive());
    EXPECT_EQ(std::ranges::count(done_, "end"), 1);
    EXPECT_EQ(std::ranges::count(store_.calls, "follow"), 1);
}

TEST_F(PairTest, AtTheEndItAnswersNobody) {
    becomeActive();
    pair_.leave();
    EXPECT_FALSE(pair_.isActive());
    EXPECT_FALSE(pair_.mayAnswer(Clock::now()));
    EXPECT_THAT(store_.calls, ElementsAre("lead")) << "what waits is still to be written";
    tick(250ms);
    EXPECT_THAT(store_.calls, ElementsAre("lead"));
}

}  // namespace
}  // namespace igd
