// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_table.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd::lease {
namespace {

using testing::ElementsAre;

TEST(LeaseTable, KeepsTheOrderAndTheLastWord) {  // IGD-Map-20
    LeaseTable table;
    for (const auto& opening : {leased(1), leased(2), leased(3)}) EXPECT_TRUE(table.put(opening));
    table.erase(leased(2).name());
    Opening renewed = leased(1);
    renewed.claims.front().description = "renewed";
    EXPECT_TRUE(table.put(renewed));
    EXPECT_THAT(table.runningAt(kNow.monotonic), ElementsAre(renewed, leased(3)));
    EXPECT_TRUE(table.put(leased(2)));
    EXPECT_THAT(table.runningAt(kNow.monotonic), ElementsAre(renewed, leased(3), leased(2)));
}

TEST(LeaseTable, GivesAPinholeIdToOneOpeningAtATime) {
    LeaseTable table;
    EXPECT_TRUE(table.put(pinhole(1, 7)));
    EXPECT_FALSE(table.put(pinhole(2, 7)));
    EXPECT_TRUE(table.put(pinhole(1, 8)));
    EXPECT_TRUE(table.put(pinhole(2, 7)));
    ASSERT_NE(table.find(8), nullptr);
    EXPECT_EQ(*table.find(8), pinhole(1, 8));
    table.erase(pinhole(1, 8).name());
    EXPECT_EQ(table.find(8), nullptr);
}

TEST(LeaseTable, LeavesOutClaimsThatHaveEnded) {
    LeaseTable table;
    Opening both = pinhole(1, 7);
    both.put(claimed(Origin::Pcp, kAliceIpv6, Seconds{7200}));
    EXPECT_TRUE(table.put(both));
    EXPECT_TRUE(table.put(leased(1)));
    both.drop(Origin::Igd);
    both.pinholeId.reset();
    EXPECT_THAT(table.runningAt(kNow.monotonic + Seconds{3600}), ElementsAre(both));
}

}  // namespace
}  // namespace igd::lease
