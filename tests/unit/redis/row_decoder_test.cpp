// SPDX-License-Identifier: GPL-2.0-or-later
#include "row_decoder.h"

#include "replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::redis {
namespace {

using testing::ElementsAre;

constexpr const char* kName = "mapping udp 3074";
const std::string kLine =
    "mapping udp 3074 192.168.50.10:3074 at=1000 account=192.168.50.10 claim=igd;end=never";

const Now kNow = Now::sample();

TEST(RowDecoder, ReadsARow) {
    const auto row = rowIn("upnpd:opening:mapping udp 3074", list({text(kLine), text("17")}), kNow);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->opening.externalPort, Port{3074});
    EXPECT_EQ(row->first, 17U);
    EXPECT_EQ(row->digest, store::digestOf(kLine));
}

TEST(RowDecoder, KnowsWhatIsNoneOfOurs) {
    const auto isRow = [](const std::string& key, const Reply& values) {
        return rowIn(key, values, kNow).has_value();
    };
    const std::string key = "upnpd:opening:mapping udp 3074";
    EXPECT_TRUE(isRow(key, list({text(kLine)})));
    EXPECT_FALSE(isRow("upnpd:opening:mapping udp 3075", list({text(kLine)})));
    EXPECT_FALSE(isRow("upnpd:" + std::string{kName}, list({text(kLine)})));
    EXPECT_FALSE(isRow(key, list({nothing(), text("1")})));
    EXPECT_FALSE(isRow(key, list({number(1)})));
    EXPECT_FALSE(isRow(key, list({})));
    EXPECT_FALSE(isRow(key, error("WRONGTYPE")));
    EXPECT_FALSE(isRow(key, list({text(kLine + std::string(9000, 'x'))})));
    EXPECT_FALSE(isRow(key, list({text(kLine + '\0')})));
}

Reply entry(const std::string& id, std::vector<Reply> fields) {
    return list({text(id), list(std::move(fields))});
}

TEST(RowDecoder, ReadsTheStream) {
    const auto entries = entriesIn(
        list({list({text("upnpd:changes"),
                    list({entry("5-0", {text("kind"), text("kept"), text("name"), text(kName),
                                        text("first"), text("9"), text("line"), text(kLine)}),
                          entry("5-1", {text("kind"), text("gone"), text("name"), text(kName)}),
                          entry("6-0", {text("kind"), text("lead"), text("token"), text("4"),
                                        text("name"), text("ho\nst")}),
                          entry("7-0", {text("kind"), text("kept"), text("name"),
                                        text("mapping udp 1"), text("line"), text(kLine)}),
                          entry("8-0", {text("kind")}), entry("nonsense", {})})})}),
        kNow);
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries[0].id, (EntryId{5, 0}));
    EXPECT_EQ(std::get<store::Row>(entries[0].change).first, 9U);
    EXPECT_EQ(std::get<store::Gone>(entries[1].change).name.externalPort, Port{3074});
    EXPECT_EQ(std::get<store::Leader>(entries[2].change), (store::Leader{4, "host"}));
    EXPECT_TRUE(std::holds_alternative<Unknown>(entries[3].change)) << "another name than its line";
    EXPECT_TRUE(std::holds_alternative<Unknown>(entries[4].change));
    EXPECT_TRUE(entriesIn(nothing(), kNow).empty());
    EXPECT_TRUE(entriesIn(list({list({})}), kNow).empty());
}

TEST(RowDecoder, ReadsIds) {
    EXPECT_EQ(parseEntryId("18-3"), (EntryId{18, 3}));
    EXPECT_EQ(toString(EntryId{18, 3}), "18-3");
    for (const char* const other : {"", "-", "18", "18-", "-3", "18-3-1", "x-1"})
        EXPECT_FALSE(parseEntryId(other)) << other;
    EXPECT_EQ(firstIdIn(list({entry("7-1", {})})), (EntryId{7, 1}));
    EXPECT_EQ(firstIdIn(list({})), EntryId{});
    EXPECT_LT((EntryId{7, 9}), (EntryId{8, 0}));
}

TEST(RowDecoder, ReadsKeys) {
    const auto keys =
        keysIn(list({text("12"), list({text("upnpd:opening:a"), text("upnpd:token"), number(1)})}));
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->cursor, "12");
    EXPECT_THAT(keys->keys, ElementsAre("upnpd:opening:a"));
    EXPECT_FALSE(keysIn(list({number(0)})));
    EXPECT_FALSE(keysIn(list({text("x"), list({})})));
    EXPECT_FALSE(keysIn(nothing()));
}

}  // namespace
}  // namespace igd::redis
