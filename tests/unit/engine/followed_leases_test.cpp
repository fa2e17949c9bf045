// SPDX-License-Identifier: GPL-2.0-or-later
#include "followed_leases.h"

#include "fake_lease_store.h"
#include "fakes.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FollowedLeasesTest : public testing::Test {
protected:
    const TimePoint now_ = Clock::now();
    const Opening one_ = mappingOf(kConsole, 3074);
    const Opening other_ = mappingOf(kPhone, 4000, now_ + 60s);
    FakeLeaseStore store_;
    FollowedLeases leases_{store_};
};

TEST_F(FollowedLeasesTest, AreTheRoutersOwnBeforeTheStoreWasRead) {
    store_.held = {one_};
    EXPECT_THAT(leases_.all(now_), IsEmpty());
    leases_.own({other_});
    EXPECT_THAT(leases_.all(now_), ElementsAre(other_));
    EXPECT_THAT(leases_.all(now_ + 60s), IsEmpty()) << "its lease has ended";
}

TEST_F(FollowedLeasesTest, AreThoseOfTheStoreAfterwards) {
    leases_.own({other_});
    store_.held = {one_};
    leases_.read();
    EXPECT_THAT(leases_.all(now_), ElementsAre(one_));
    leases_.own({other_});
    EXPECT_THAT(leases_.all(now_), ElementsAre(one_));
}

TEST_F(FollowedLeasesTest, LackWhatThisRouterGrantedBeforeItEnded) {
    const Now now = Now::sample();
    const WallTime ledSince = now.wall - Seconds{60};
    const auto asked = [&](std::uint16_t port, int ago) {
        Opening opening = mappingOf(kConsole, port, now.monotonic + 1h - Seconds{ago});
        opening.claims[0].history = {now.monotonic - 1h, now.monotonic - Seconds{ago}};
        return opening;
    };
    store_.held = {asked(1, 30), asked(2, 30)};
    leases_.own({asked(1, 30), asked(2, 10), asked(3, 59), asked(4, 61)});
    EXPECT_THAT(leases_.unwritten(ledSince, now), IsEmpty()) << "the store may have them all";
    leases_.read();
    EXPECT_THAT(leases_.unwritten(ledSince, now), ElementsAre(asked(2, 10), asked(3, 59)));
    EXPECT_THAT(leases_.unwritten(std::nullopt, now), IsEmpty()) << "the other router knows more";
}

TEST_F(FollowedLeasesTest, AreWrittenWhenTheyAreOthers) {
    EXPECT_FALSE(leases_.haveChanged(now_)) << "no file, no leases";
    leases_.read();
    store_.held = {one_};
    EXPECT_TRUE(leases_.haveChanged(now_));
    EXPECT_FALSE(leases_.haveChanged(now_));
    store_.held = {one_, other_};
    EXPECT_TRUE(leases_.haveChanged(now_));
    store_.held.back().claims.front().expiresAt = now_ + 120s;
    EXPECT_TRUE(leases_.haveChanged(now_)) << "it was renewed";
}

}  // namespace
}  // namespace igd
