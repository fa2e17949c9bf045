// SPDX-License-Identifier: GPL-2.0-or-later
#include "mapping_table.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(MappingTable, KeepsTheOrderOfInsertionWithoutHoles) {  // IGD-Index-01, -03, -04
    MappingTable table;
    for (const MappingKey key : {tcp(5000), tcp(5001), tcp(5002)})
        table.store(mappingOf(kAlice, key));
    table.erase(tcp(5001));
    table.store(mappingOf(kAlice, tcp(4000)));
    ASSERT_EQ(table.size(), 3U);
    EXPECT_EQ(table.at(0)->key, tcp(5000));
    EXPECT_EQ(table.at(1)->key, tcp(5002));
    EXPECT_EQ(table.at(2)->key, tcp(4000));
    EXPECT_EQ(table.at(3), nullptr);
}

TEST(MappingTable, KeepsTheIndexOfAnOverwrittenMapping) {  // IGD-Map-06
    MappingTable table;
    table.store(mappingOf(kAlice, tcp(5000)));
    table.store(mappingOf(kAlice, tcp(5001)));
    Mapping changed = mappingOf(kAlice, tcp(5000));
    changed.description = "other";
    table.store(changed);
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(*table.at(0), changed);
}

TEST(MappingTable, TellsProtocolsApart) {  // IGD-Map-10
    MappingTable table;
    table.store(mappingOf(kAlice, tcp(5000)));
    EXPECT_EQ(table.find(udp(5000)), nullptr);
    EXPECT_NE(table.find(tcp(5000)), nullptr);
}

TEST(MappingTable, FindsTheLeasesThatEnd) {
    MappingTable table;
    table.store(mappingOf(kAlice, tcp(1), t0 + 20s));
    table.store(mappingOf(kAlice, tcp(2)));
    table.store(mappingOf(kAlice, tcp(3), t0 + 10s));
    EXPECT_EQ(table.nextExpiry(), t0 + 10s);
    EXPECT_THAT(table.endingBy(t0 + 9s), IsEmpty());
    const auto ended = table.endingBy(t0 + 20s);
    ASSERT_EQ(ended.size(), 2U);
    EXPECT_EQ(ended[0].key, tcp(3));
    EXPECT_EQ(ended[1].key, tcp(1));
}

TEST(MappingTable, HasNoNextExpiryWithoutLeases) {
    MappingTable table;
    EXPECT_FALSE(table.nextExpiry());
    table.store(mappingOf(kAlice, tcp(2)));
    EXPECT_FALSE(table.nextExpiry());
}

TEST(MappingTable, CountsByClient) {
    MappingTable table;
    table.store(mappingOf(kAlice, tcp(1)));
    table.store(mappingOf(kAlice, udp(1)));
    table.store(mappingOf(kBob, tcp(2)));
    EXPECT_EQ(table.countOf(kAlice), 2U);
    table.store(mappingOf(kBob, tcp(1)));
    EXPECT_EQ(table.countOf(kAlice), 1U);
    EXPECT_EQ(table.countOf(kBob), 2U);
}

}  // namespace
}  // namespace igd
