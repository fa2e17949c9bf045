// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept_row.h"

#include "openings_for_store.h"

#include "upnpd/system/lease_row.h"

#include <gtest/gtest.h>

namespace igd::store {
namespace {

TEST(KeptRow, SaysTheSameAgain) {
    const Now now = Now::sample();
    for (const Opening& opening : openingsOfAllKinds(now.monotonic)) {
        const Keep row = rowOf(opening, 5, now);
        const auto read = readLease(row.line, now, Seconds{86400});
        ASSERT_TRUE(read) << row.line;
        EXPECT_EQ(leaseNameText(read->name()), row.name);
        EXPECT_EQ(readLeaseName(row.name), opening.name());
        EXPECT_EQ(read->account, opening.account);
        EXPECT_EQ(read->claims.size(), opening.claims.size());
    }
}

TEST(KeptRow, EndsWithItsLastClaim) {
    const Now now = Now::sample();
    Opening opening = mappingAt(3074, now.monotonic, Seconds{100});
    EXPECT_NEAR(static_cast<double>(rowOf(opening, 1, now).end),
                static_cast<double>(unixTime(now.wall + Seconds{100})), 1);
    opening.claims[0].expiresAt.reset();
    EXPECT_EQ(rowOf(opening, 1, now).end, 0U);
}

TEST(KeptRow, IsNoLineOfTheAdministrator) {
    Opening opening = mappingAt(3074, Clock::now());
    EXPECT_TRUE(isKept(opening));
    opening.claims[0].origin = Origin::Static;
    EXPECT_FALSE(isKept(opening));
}

}  // namespace
}  // namespace igd::store
