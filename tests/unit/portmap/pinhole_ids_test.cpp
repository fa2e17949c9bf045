// SPDX-License-Identifier: GPL-2.0-or-later
#include "pinhole_ids.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

constexpr unsigned kLast = 65535;

TEST(PinholeIds, AreNeverZeroAndDiffer) {  // IGD-6FC-06
    PinholeIds ids;
    const Ledger ledger;
    EXPECT_EQ(ids.next(ledger, t0), 1);
    EXPECT_EQ(ids.next(ledger, t0), 2);
    ids.begin(kLast);
    EXPECT_EQ(ids.next(ledger, t0), 1) << "after the last the first comes, which is not 0";
}

TEST(PinholeIds, PassOverThoseThatAreInUse) {
    PinholeIds ids;
    Ledger ledger;
    ledger.put(pinholeAt(kAlice6, 1, 1));
    ledger.put(pinholeAt(kAlice6, 2, 2));
    EXPECT_EQ(ids.next(ledger, t0), 3);
}

TEST(PinholeIds, RestForAMinuteAfterTheirEnd) {  // IGD-6FC-25
    PinholeIds ids;
    const Ledger ledger;
    const auto first = ids.next(ledger, t0).value();
    ids.end(first, t0);
    ids.begin(kLast);
    EXPECT_EQ(ids.next(ledger, t0 + 59s), first + 1);
    ids.begin(kLast);
    EXPECT_EQ(ids.next(ledger, t0 + 60s), first);
}

TEST(PinholeIds, GoOnWhereAnEarlierRunHasStopped) {
    PinholeIds ids;
    ids.begin(700);
    ids.begin(3);
    EXPECT_EQ(ids.next(Ledger{}, t0), 701);
}

TEST(PinholeIds, AreUsedUpWhenAllAreResting) {
    PinholeIds ids;
    const Ledger ledger;
    for (unsigned id = 1; id <= kLast; ++id) ids.end(static_cast<PinholeId>(id), t0);
    EXPECT_FALSE(ids.next(ledger, t0 + 59s));
    EXPECT_TRUE(ids.next(ledger, t0 + 60s));
}

}  // namespace
}  // namespace igd
