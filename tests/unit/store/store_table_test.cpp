// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_table.h"

#include "openings_for_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class StoreTableTest : public testing::Test {
protected:
    /// Writes what waits; returns the ports, those that are forgotten as negative numbers.
    std::vector<int> batch(std::size_t most = 100) {
        std::vector<int> ports;
        (void)table_.takeBatch(
            most, [&](const OpeningName& name, const Opening* opening, std::uint64_t first) {
                const int port = name.externalPort.value;
                ports.push_back(opening != nullptr ? port : -port);
                EXPECT_EQ(opening != nullptr, first != 0);
                return std::uint64_t{name.externalPort.value} + 100000;
            });
        return ports;
    }
    std::vector<int> written() {
        auto ports = batch();
        table_.written();
        return ports;
    }
    void keep(std::uint16_t port) { table_.keep(mappingAt(port, now_)); }
    void forget(std::uint16_t port) { table_.forget(mappingAt(port, now_).name()); }
    void row(std::uint16_t port, std::uint64_t first, std::uint64_t digest) {
        table_.put({mappingAt(port, now_), first, digest}, now_);
    }
    std::vector<int> ports() const {
        std::vector<int> ports;
        for (const Opening& each : table_.openings(now_)) ports.push_back(each.externalPort.value);
        return ports;
    }

    const TimePoint now_ = Clock::now();
    StoreTable table_;
};

TEST_F(StoreTableTest, WritesTheLastStateOfEachOpening) {
    keep(1);
    keep(2);
    keep(1);
    forget(2);
    keep(3);
    forget(3);
    EXPECT_EQ(table_.waiting(), 3U);
    EXPECT_THAT(written(), UnorderedElementsAre(1, -2, -3));
    EXPECT_EQ(table_.waiting(), 0U);
    EXPECT_THAT(batch(), IsEmpty());
}

TEST_F(StoreTableTest, WritesAgainWhatWasNotWritten) {
    keep(1);
    keep(2);
    EXPECT_EQ(batch(1).size(), 1U);
    EXPECT_TRUE(table_.isWriting());
    EXPECT_EQ(table_.waiting(), 2U);
    table_.failed();
    EXPECT_FALSE(table_.isWriting());
    EXPECT_THAT(written(), UnorderedElementsAre(1, 2));
}

TEST_F(StoreTableTest, WritesAgainWhatHasChangedOnItsWay) {
    keep(1);
    EXPECT_THAT(batch(), ElementsAre(1));
    keep(1);
    table_.written();
    EXPECT_THAT(written(), ElementsAre(1));
}

TEST_F(StoreTableTest, WritesWhatTheStoreHasLost) {
    table_.beginReading();
    table_.endReading(true);
    keep(1);
    keep(2);
    keep(3);
    (void)written();
    table_.beginReading();
    row(1, 5, 100001);
    row(2, 5, 77);
    row(9, 5, 100009);
    table_.endReading(true);
    EXPECT_THAT(written(), UnorderedElementsAre(2, 3, -9));
}

TEST_F(StoreTableTest, TakesOnceWhatItHasNeverSeen) {
    keep(1);
    forget(8);
    table_.beginReading();
    row(7, 5, 100007);
    row(8, 6, 100008);
    table_.endReading(true);
    EXPECT_THAT(ports(), ElementsAre(7, 1)) << "in the order of their first writing";
    EXPECT_THAT(written(), UnorderedElementsAre(1, -8));
}

TEST_F(StoreTableTest, FollowsWhatOthersWrite) {
    keep(4);
    table_.beginReading();
    row(1, 9, 1);
    row(2, 5, 1);
    table_.endReading(false);
    EXPECT_THAT(ports(), ElementsAre(2, 1));
    row(3, 7, 1);
    row(1, 99, 2);
    table_.gone(mappingAt(2, now_).name());
    EXPECT_THAT(ports(), ElementsAre(3, 1)) << "a row that is written again keeps its place";
    EXPECT_EQ(table_.waiting(), 0U);
}

TEST_F(StoreTableTest, LeavesOutWhatHasEnded) {
    table_.beginReading();
    table_.put({mappingAt(1, now_, Seconds{10}), 1, 1}, now_);
    row(2, 2, 1);
    table_.endReading(false);
    EXPECT_EQ(table_.openings(now_ + Seconds{11}).size(), 1U);
}

TEST_F(StoreTableTest, BoundsTheTimesOfAStranger) {
    Opening opening = mappingAt(1, now_);
    opening.claims[0].expiresAt = TimePoint::max();
    opening.claims[0].history.madeAt = TimePoint::min();
    opening.claims[0].history.renewedAt = TimePoint::max();
    table_.put({opening, 1, 1}, now_);
    const Opening held = table_.openings(now_).at(0);
    EXPECT_LE(*held.claims[0].expiresAt, now_ + std::chrono::hours{24 * 366});
    EXPECT_LE(held.claims[0].history.renewedAt, now_);
    EXPECT_GE(held.claims[0].history.madeAt, now_ - std::chrono::hours{24 * 3660});
}

}  // namespace
}  // namespace igd::store
