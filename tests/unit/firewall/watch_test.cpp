// SPDX-License-Identifier: GPL-2.0-or-later
// The changes of others that matter, and the time when they are looked at.
#include "nft/nft_events.h"
#include "nft/nft_ruleset.h"
#include "settling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/netfilter/nf_tables.h>

namespace igd::firewall {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(NftEvents, OfTablesChainsAndRulesMatterWhereverTheyAre) {
    for (const int message : {NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWCHAIN,
                              NFT_MSG_DELCHAIN, NFT_MSG_NEWRULE, NFT_MSG_DELRULE}) {
        EXPECT_EQ(changeOf(message, "filter"), Change::Rules);
        EXPECT_EQ(changeOf(message, "upnpd"), Change::Rules);
    }
}

TEST(NftEvents, OfElementsMatterInOurOwnTableOnly) {
    EXPECT_EQ(changeOf(NFT_MSG_NEWSETELEM, "f2b-table"), Change::None);
    EXPECT_EQ(changeOf(NFT_MSG_DELSETELEM, "f2b-table"), Change::None);
    EXPECT_EQ(changeOf(NFT_MSG_DELSETELEM, "upnpd"), Change::OurElements);
    EXPECT_EQ(changeOf(NFT_MSG_NEWGEN, ""), Change::None);
}

TEST(Settling, WaitsForTheEndOfABurst) {
    Settling settling;
    const TimePoint start{1h};
    EXPECT_EQ(settling.changed(start), start + Settling::kQuiet);
    EXPECT_EQ(settling.changed(start + 90ms), start + 90ms + Settling::kQuiet);
}

TEST(Settling, NeverWaitsForLong) {
    Settling settling;
    const TimePoint start{1h};
    for (auto at = 0ms; at < 2000ms; at += 50ms)
        EXPECT_LE(settling.changed(start + at), start + Settling::kLongest);
    settling.looked();
    EXPECT_EQ(settling.changed(start + 3s), start + 3s + Settling::kQuiet);
}

TEST(OwnHandles, AreThoseOfOurTable) {
    EXPECT_THAT(*ownHandles(R"({"nftables": [
        {"table": {"family": "inet", "name": "filter", "handle": 1}},
        {"chain": {"family": "inet", "table": "filter", "name": "forward", "handle": 2}},
        {"table": {"family": "inet", "name": "upnpd", "handle": 9}},
        {"map": {"family": "inet", "name": "dnat4", "table": "upnpd", "handle": 7}},
        {"chain": {"family": "inet", "table": "upnpd", "name": "prerouting", "handle": 3}},
        {"rule": {"family": "inet", "table": "upnpd", "chain": "prerouting", "handle": 4, "expr": []}}]})"),
                ElementsAre(3, 4, 7, 9));
    EXPECT_THAT(*ownHandles(R"({"nftables": []})"), IsEmpty());
    EXPECT_FALSE(ownHandles("{}"));
}

}  // namespace
}  // namespace igd::firewall
