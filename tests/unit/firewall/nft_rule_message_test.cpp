// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_rule_message.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>

#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

namespace igd::firewall {
namespace {

inspect::Chain chainOf(std::string family, inspect::Kind kind = inspect::Kind::Nft) {
    return {.family = std::move(family), .table = "filter", .name = "forward", .kind = kind};
}

OpeningRule mapping() {
    return {.opening = {}, .comment = "upnpd: new", .markBits = 0x00800000};
}

/// How often an expression or a text is in the message.
std::size_t count(const NftMessage& message, std::string_view name) {
    const std::string octets{message.begin(), message.end()};
    const std::string text = std::string{name} + '\0';
    std::size_t times = 0;
    for (auto at = octets.find(text); at != std::string::npos; at = octets.find(text, at + 1))
        ++times;
    return times;
}

nlmsghdr headerOf(const NftMessage& message) {
    nlmsghdr header{};
    std::memcpy(&header, message.data(), sizeof header);
    return header;
}

TEST(NftRuleMessage, IsOneWholeMessage) {
    const NftMessage message = addRuleMessage(chainOf("inet"), mapping(), 7);
    EXPECT_EQ(headerOf(message).nlmsg_len, message.size());
    EXPECT_EQ(headerOf(message).nlmsg_type & 0xff, NFT_MSG_NEWRULE);
    EXPECT_EQ(headerOf(message).nlmsg_flags & NLM_F_APPEND, 0);
    EXPECT_EQ(count(message, "upnpd: new"), 1U);
}

TEST(NftRuleMessage, IsPutAtTheEndWhereNoRuleIsNamed) {
    const NftMessage message = addRuleMessage(chainOf("inet"), mapping(), std::nullopt);
    EXPECT_EQ(headerOf(message).nlmsg_flags & NLM_F_APPEND, NLM_F_APPEND);
}

TEST(NftRuleMessage, AsksForTheFamilyWhereBothPass) {
    // The mark, and the state and status of the flow; and in a chain of both families which it is.
    EXPECT_EQ(count(addRuleMessage(chainOf("ip"), mapping(), 7), "cmp"), 3U);
    EXPECT_EQ(count(addRuleMessage(chainOf("inet"), mapping(), 7), "cmp"), 4U);
}

TEST(NftRuleMessage, AsksNoMoreOfAPinhole) {
    OpeningRule pinhole = mapping();
    pinhole.translated = false;
    pinhole.ipv6 = true;
    pinhole.opening.established = true;
    const NftMessage message = addRuleMessage(chainOf("ip6"), pinhole, 7);
    EXPECT_EQ(count(message, "cmp"), 1U);
    EXPECT_EQ(count(message, "ct"), 0U);
}

TEST(NftRuleMessage, SpeaksTheLanguageOfIptablesInItsChains) {
    const NftMessage message =
        addRuleMessage(chainOf("ip", inspect::Kind::IptablesNft), mapping(), 7);
    EXPECT_EQ(count(message, "match"), 4U);  // mark, twice conntrack, comment
    EXPECT_EQ(count(message, "conntrack"), 2U);
    EXPECT_EQ(count(message, "cmp"), 0U);
}

TEST(NftRuleMessage, NamesTheRuleThatGoes) {
    const NftMessage message = removeRuleMessage(chainOf("inet"), 0x1234);
    EXPECT_EQ(headerOf(message).nlmsg_type & 0xff, NFT_MSG_DELRULE);
    EXPECT_EQ(headerOf(message).nlmsg_len, message.size());
}

}  // namespace
}  // namespace igd::firewall
