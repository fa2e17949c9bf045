// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_facts.h"

#include "fakes.h"

namespace igd {
namespace {

const TimePoint kNow = TimePoint{} + 1h;

TEST(OpeningFacts, HistoryIsThatOfAllClaims) {
    Opening mapping = mappingOf(kConsole, 3000);
    mapping.claims.front().history = {kNow - 60s, kNow - 10s, "first"};
    mapping.claims.push_back(mapping.claims.front());
    mapping.claims.back().history = {kNow - 50s, kNow - 5s, "second"};
    mapping.claims.push_back(mapping.claims.front());
    mapping.claims.back().history = {};
    const History history = historyOf(mapping);
    EXPECT_EQ(history.madeAt, kNow - 60s);
    EXPECT_EQ(history.renewedAt, kNow - 5s);
    EXPECT_EQ(history.agent, "second");
}

TEST(OpeningFacts, HistoryIsEmptyWhereNothingIsNoted) {
    const History history = historyOf(mappingOf(kConsole, 3000));
    EXPECT_EQ(history.madeAt, TimePoint{});
    EXPECT_EQ(history.renewedAt, TimePoint{});
    EXPECT_EQ(history.agent, "");
}

}  // namespace
}  // namespace igd
