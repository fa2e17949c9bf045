// SPDX-License-Identifier: GPL-2.0-or-later
#include "lead_taker.h"

#include "replies.h"

#include <gtest/gtest.h>

namespace igd::redis {
namespace {

constexpr store::UnixTime kSince = 1800000000000;

Candidate fresh() {
    return {.name = "a", .instance = 1, .token = 0, .since = kSince, .now = kSince + 10};
}
LeadRecord others(std::uint64_t token, store::UnixTime taken) {
    return {.token = token, .instance = 2, .taken = taken, .name = "b"};
}

TEST(Lead, IsTakenByWhoeverComesAtOnce) {
    EXPECT_EQ(judge(fresh(), {}), LeadRight::Take);
    EXPECT_EQ(judge(fresh(), others(7, kSince - 1000)), LeadRight::Take);
    EXPECT_EQ(judge(fresh(), others(7, kSince + 3000)), LeadRight::Take) << "its clock is ahead";
}

TEST(Lead, IsLeftToALaterOneByWhoeverTookItWhileTheStoreWasAway) {
    Candidate late = fresh();
    late.now = kSince + 60'000;
    EXPECT_EQ(judge(late, others(7, kSince - 1000)), LeadRight::Take);
    EXPECT_EQ(judge(late, others(7, kSince + 30'000)), LeadRight::Lost);
}

TEST(Lead, IsKeptOverALossOfTheConnection) {
    Candidate back = fresh();
    back.token = 7;
    back.now = kSince + 60'000;
    EXPECT_EQ(judge(back, {.token = 7, .instance = 1, .taken = kSince}), LeadRight::Has);
    EXPECT_EQ(judge(back, others(8, kSince - 9000)), LeadRight::Lost) << "whatever its clock";
    EXPECT_EQ(judge(back, others(8, kSince + 9000)), LeadRight::Lost);
}

TEST(Lead, IsTakenAgainInAStoreThatHasLostIt) {
    Candidate back = fresh();
    back.token = 7;
    back.now = kSince + 60'000;
    EXPECT_EQ(judge(back, {}), LeadRight::Take);
    EXPECT_EQ(judge(back, others(3, kSince - 9000)), LeadRight::Take) << "an old copy";
    EXPECT_EQ(judge(back, others(1, kSince + 9000)), LeadRight::Lost) << "taken since";
}

TEST(Lead, IsReadFromItsKeys) {
    const LeadRecord record =
        leadIn({text("7"), list({text("2"), text("1800000000000"), text("b\n")})});
    EXPECT_EQ(record.token, 7U);
    EXPECT_EQ(record.instance, 2U);
    EXPECT_EQ(record.taken, kSince);
    EXPECT_EQ(record.name, "b");
    EXPECT_EQ(leadIn({nothing(), nothing()}).token, 0U);
    EXPECT_EQ(leadQuestion().size(), 3U);
}

TEST(Lead, TellsWhatIsLeftToTheNext) {
    const Reply kept = list({text("1800000000000"), text("99999999999"), text("80.1.2.3")});
    const store::KeepEpoch left = leftIn({nothing(), nothing(), kept});
    EXPECT_EQ(left.start, kSince);
    EXPECT_EQ(left.bootId, 0xffffffffU) << "it has 32 bits";
    EXPECT_EQ(left.external, "80.1.2.3");
}

}  // namespace
}  // namespace igd::redis
