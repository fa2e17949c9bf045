// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_batch.h"

#include "rules.h"

#include <gmock/gmock.h>

#include <cstring>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace igd::firewall {
namespace {

using test::aRule;
using testing::ElementsAre;
using testing::Field;

/// Returns the heads of the messages in a batch.
std::vector<nlmsghdr> headersIn(std::span<const std::uint8_t> octets) {
    std::vector<nlmsghdr> headers;
    while (octets.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header{};
        std::memcpy(&header, octets.data(), sizeof header);
        headers.push_back(header);
        octets = octets.subspan(NLMSG_ALIGN(header.nlmsg_len));
    }
    EXPECT_TRUE(octets.empty());
    return headers;
}

std::vector<int> kindsIn(NftBatch batch) {
    std::vector<int> kinds;
    for (const nlmsghdr& header : headersIn(batch.close())) kinds.push_back(header.nlmsg_type);
    return kinds;
}

constexpr int kAdd = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM;
constexpr int kRemove = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM;
constexpr int kBegin = NFNL_MSG_BATCH_BEGIN;
constexpr int kEnd = NFNL_MSG_BATCH_END;

TEST(NftBatch, RemovesFirstAndAddsThen) {
    const RuleDelta delta{{aRule()}, {aRule()}};
    EXPECT_THAT(kindsIn(batchOf(stepsOf({delta}), Removal::OfPresent)),
                ElementsAre(kBegin, kRemove, kRemove, kAdd, kAdd, kEnd));
}

TEST(NftBatch, AddsBeforeItRemovesWhatMayBeGone) {
    const RuleDelta delta{{aRule()}, {}};
    EXPECT_THAT(kindsIn(batchOf(stepsOf({delta}), Removal::OfAny)),
                ElementsAre(kBegin, kAdd, kRemove, kAdd, kRemove, kEnd));
}

TEST(NftBatch, NumbersItsMessagesAndAsksForOneAnswer) {
    const RuleDelta delta{{}, {aRule()}};
    NftBatch batch = batchOf(stepsOf({delta}), Removal::OfPresent);
    EXPECT_EQ(batch.last(), 2U);
    const auto headers = headersIn(batch.close());
    EXPECT_THAT(headers,
                ElementsAre(Field(&nlmsghdr::nlmsg_seq, 0), Field(&nlmsghdr::nlmsg_seq, 1),
                            Field(&nlmsghdr::nlmsg_seq, 2), Field(&nlmsghdr::nlmsg_seq, 3)));
    EXPECT_EQ(headers[1].nlmsg_flags & NLM_F_ACK, 0);
    EXPECT_EQ(headers[2].nlmsg_flags & NLM_F_ACK, NLM_F_ACK);
    EXPECT_EQ(headersIn(batch.close()).size(), 4U);  // closed once
}

TEST(NftBatch, IsEmptyWithoutAMessage) {
    NftBatch batch;
    EXPECT_TRUE(batch.empty());
    EXPECT_THAT(kindsIn(batch), ElementsAre(kBegin, kEnd));
    batch.put(clearMessage(kExternalSet));
    EXPECT_FALSE(batch.empty());
}

}  // namespace
}  // namespace igd::firewall
