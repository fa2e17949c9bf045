// SPDX-License-Identifier: GPL-2.0-or-later
// The changes of others that matter.
#include "nft/nft_interest.h"

#include <gtest/gtest.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::firewall {
namespace {

NftNews news(int message, std::string_view table, std::string_view name = {}) {
    return {.message = message, .family = NFPROTO_INET, .table = table, .name = name};
}

NftInterest watching() {
    NftInterest interest{"upnpd"};
    interest.watch({.chains = {{NFPROTO_INET, "filter", "forward"},
                               {NFPROTO_INET, "filter", "from_wan"},
                               {NFPROTO_INET, "upnpd", "forward"}},
                    .sets = {{NFPROTO_INET, "filter", "zones"}}});
    return interest;
}

TEST(NftInterest, IsInAllRulesBeforeTheFirstLook) {
    const NftInterest interest{"upnpd"};
    for (const int message : {NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWCHAIN,
                              NFT_MSG_DELCHAIN, NFT_MSG_NEWRULE, NFT_MSG_DELRULE}) {
        EXPECT_EQ(interest.announcedBy(news(message, "filter", "any")), Announced::Rules);
        EXPECT_EQ(interest.announcedBy(news(message, "upnpd", "any")), Announced::Rules);
    }
}

TEST(NftInterest, IsInAllRulesWhereNothingWasRead) {
    NftInterest interest = watching();
    EXPECT_EQ(interest.announcedBy(news(NFT_MSG_NEWRULE, "filter", "output")), Announced::Nothing);
    interest.watch({});
    EXPECT_EQ(interest.announcedBy(news(NFT_MSG_NEWRULE, "filter", "output")), Announced::Rules);
}

TEST(NftInterest, IsInElementsOfOurOwnTable) {
    for (const NftInterest& interest : {NftInterest{"upnpd"}, watching()}) {
        EXPECT_EQ(interest.announcedBy(news(NFT_MSG_NEWSETELEM, "f2b", "zones")),
                  Announced::Nothing);
        EXPECT_EQ(interest.announcedBy(news(NFT_MSG_DELSETELEM, "filter", "bad")),
                  Announced::Nothing);
        EXPECT_EQ(interest.announcedBy(news(NFT_MSG_DELSETELEM, "upnpd", "dnat4")),
                  Announced::OurElements);
        EXPECT_EQ(interest.announcedBy(news(NFT_MSG_DELSET, "upnpd", "dnat4")),
                  Announced::OurElements);
        EXPECT_EQ(interest.announcedBy(news(NFT_MSG_DELSET, "filter", "zones")),
                  Announced::Nothing);
        EXPECT_EQ(interest.announcedBy(news(NFT_MSG_NEWGEN, "")), Announced::Nothing);
    }
    EXPECT_EQ(NftInterest{"second"}.announcedBy(news(NFT_MSG_DELSETELEM, "upnpd", "dnat4")),
              Announced::Nothing);
}

TEST(NftInterest, IsInChainsAndSetsThatWereRead) {
    const NftInterest interest = watching();
    for (const int message :
         {NFT_MSG_NEWRULE, NFT_MSG_DELRULE, NFT_MSG_NEWCHAIN, NFT_MSG_DELCHAIN}) {
        EXPECT_EQ(interest.announcedBy(news(message, "filter", "from_wan")), Announced::Rules);
        EXPECT_EQ(interest.announcedBy(news(message, "filter", "output")), Announced::Nothing);
        EXPECT_EQ(interest.announcedBy(news(message, "other", "from_wan")), Announced::Nothing);
    }
    EXPECT_EQ(interest.announcedBy(news(NFT_MSG_NEWSETELEM, "filter", "zones")), Announced::Rules);
}

TEST(NftInterest, IsInNewBaseChainsAndTables) {
    const NftInterest interest = watching();
    NftNews base = news(NFT_MSG_NEWCHAIN, "other", "forward");
    base.base = true;
    EXPECT_EQ(interest.announcedBy(base), Announced::Rules);
    EXPECT_EQ(interest.announcedBy(news(NFT_MSG_NEWTABLE, "filter")), Announced::Rules);
    EXPECT_EQ(interest.announcedBy(news(NFT_MSG_DELTABLE, "other")), Announced::Rules);
}

TEST(NftInterest, IsInNoFamilyThatForwardedPacketsDoNotMeet) {
    NftNews arp = news(NFT_MSG_NEWRULE, "filter", "forward");
    arp.family = NFPROTO_ARP;
    EXPECT_EQ(NftInterest{"upnpd"}.announcedBy(arp), Announced::Nothing);
    arp.family = NFPROTO_IPV4;
    EXPECT_EQ(watching().announcedBy(arp), Announced::Nothing);
}

}  // namespace
}  // namespace igd::firewall
