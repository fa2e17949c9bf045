// SPDX-License-Identifier: GPL-2.0-or-later
#include "above_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::above {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outlook = AboveTable::Outlook;

const TimePoint t0{Seconds{1000}};
constexpr MappingKey kKey{Protocol::Udp, Port{5000}};
const Held kGiven{Protocol::Udp, Port{5000}, Port{5000}, Seconds{3600}};
const Held kMoved{Protocol::Udp, Port{5000}, Port{6000}, Seconds{3600}};

NotHeld refusal(NotHeld::Why why) {
    return {Protocol::Udp, Port{5000}, why, "its reason"};
}

class AboveTableTest : public testing::Test {
protected:
    void asked() { ASSERT_EQ(table_.prepare(kKey, t0), Outlook::Ask); }
    AboveTable table_;
};

TEST_F(AboveTableTest, APortIsAskedForOnceAndThenReady) {
    asked();
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Wait);
    EXPECT_FALSE(table_.refuses(kKey, t0)) << "it is asked for";
    EXPECT_FALSE(table_.take(kGiven, t0));
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Ready);
    EXPECT_FALSE(table_.mapped(kKey, t0)) << "it is held already";
    EXPECT_EQ(table_.countHeld(), 1U);
    EXPECT_TRUE(table_.unmapped(kKey));
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Ask);
}

TEST_F(AboveTableTest, AnotherPortIsAnOfferForAWhile) {
    asked();
    EXPECT_FALSE(table_.take(kMoved, t0));
    EXPECT_EQ(table_.refuses(kKey, t0)->error, MappingError::Conflict);
    EXPECT_EQ(table_.offeredFor(kKey, t0), Port{6000});
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Wait);
    const TimePoint later = t0 + AboveTable::kRefused;
    EXPECT_FALSE(table_.refuses(kKey, later));
    EXPECT_EQ(table_.prepare(kKey, later), Outlook::Ask);
}

TEST_F(AboveTableTest, AQuotaRefusesAllPorts) {
    asked();
    EXPECT_FALSE(table_.take(refusal(NotHeld::Why::AnyPort), t0));
    EXPECT_EQ(table_.refuses(kKey, t0)->error, MappingError::Conflict);
    EXPECT_EQ(table_.refusesAll(t0)->error, MappingError::TableFull);
    EXPECT_FALSE(table_.refusesAll(t0 + Seconds{5}));
}

TEST_F(AboveTableTest, SilenceIsAnErrorWithinItsTime) {
    asked();
    const TimePoint late = t0 + AboveTable::kPatience;
    EXPECT_EQ(table_.prepare(kKey, late), Outlook::Wait);
    EXPECT_EQ(table_.refuses(kKey, late)->error, MappingError::NoExternalAddress);
    EXPECT_EQ(table_.prepare(kKey, late + AboveTable::kSilent), Outlook::Ask);
}

TEST_F(AboveTableTest, AGatewayThatIsNotFoundGivesNoPorts) {
    EXPECT_FALSE(table_.refusesAll(t0)) << "it is looked for";
    table_.take(Hop{.problem = "nobody answers"});
    EXPECT_EQ(table_.refusesAll(t0)->error, MappingError::NoExternalAddress);
    table_.take(Hop{.found = true, .by = Upstream::Pcp});
    EXPECT_FALSE(table_.refusesAll(t0));
}

TEST_F(AboveTableTest, WhatIsMappedWaitsForNobody) {
    EXPECT_TRUE(table_.mapped(kKey, t0)) << "it is to be asked for";
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Ready);
    EXPECT_THAT(table_.notHeld(), SizeIs(1));
    EXPECT_FALSE(table_.take(refusal(NotHeld::Why::Silence), t0)) << "it may be back soon";
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Ready);
    EXPECT_THAT(table_.missing(t0), IsEmpty());
    EXPECT_THAT(table_.missing(t0 + Seconds{60}), ElementsAre(kKey));
    EXPECT_EQ(table_.take(refusal(NotHeld::Why::OnePort), t0), "its reason");
    EXPECT_EQ(table_.take(kMoved, t0), "it gives port 6000 in its place");
    EXPECT_FALSE(table_.unmapped(kKey)) << "nothing is held";
}

TEST_F(AboveTableTest, WhatNobodyMapsIsGivenBack) {
    asked();
    (void)table_.take(kGiven, t0);
    EXPECT_THAT(table_.takeSpare(t0), IsEmpty());
    EXPECT_THAT(table_.takeSpare(t0 + AboveTable::kSpare), ElementsAre(kKey));
    EXPECT_THAT(table_.takeSpare(t0 + AboveTable::kSpare), IsEmpty());
    EXPECT_TRUE(table_.mapped(kKey, t0));
    EXPECT_THAT(table_.takeSpare(t0 + AboveTable::kSpare), IsEmpty());
}

TEST_F(AboveTableTest, AnAnswerThatNobodyHasAskedForIsNothing) {
    EXPECT_FALSE(table_.take(kGiven, t0));
    EXPECT_FALSE(table_.take(refusal(NotHeld::Why::OnePort), t0));
    EXPECT_EQ(table_.prepare(kKey, t0), Outlook::Ask);
}

}  // namespace
}  // namespace igd::above
