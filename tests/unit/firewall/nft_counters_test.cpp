// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_counters.h"

#include "nft/nft_message.h"
#include "rules.h"

#include <gtest/gtest.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

namespace igd::firewall {
namespace {

using test::aPinhole;
using test::aRule;
using test::aSet;

/// The kernel's message about `elements` of one set, with as many packets, and 100 octets each.
NftMessage told(const std::vector<std::pair<NftElement, std::uint64_t>>& elements) {
    NftWriter writer{kindOf(NFT_MSG_NEWSETELEM), 0, 1};
    writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
        for (const auto& [element, packets] : elements)
            writer.nest(NFTA_LIST_ELEM, [&, &element = element, &packets = packets] {
                const std::vector<std::uint8_t> key = keyOctets(element);
                const std::size_t first = element.set.intervals ? key.size() / 2 : key.size();
                writer.nest(NFTA_SET_ELEM_KEY,
                            [&] { writer.octets(NFTA_DATA_VALUE, std::span{key}.first(first)); });
                if (element.set.intervals)
                    writer.nest(NFTA_SET_ELEM_KEY_END, [&] {
                        writer.octets(NFTA_DATA_VALUE, std::span{key}.subspan(first));
                    });
                writer.nest(NFTA_SET_ELEM_EXPR, [&] {
                    writer.text(NFTA_EXPR_NAME, "counter").nest(NFTA_EXPR_DATA, [&] {
                        writer.u64(NFTA_COUNTER_BYTES, packets * 100)
                            .u64(NFTA_COUNTER_PACKETS, packets);
                    });
                });
            });
    });
    return writer.take();
}

/// The rule's elements, each with as many packets as `packets` says.
void tell(NftCounters& counters, const Rule& rule, const std::vector<std::uint64_t>& packets) {
    const auto elements = countedElements(rule);
    ASSERT_EQ(elements.size(), packets.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const NftMessage message = told({{elements[i], packets[i]}});
        counters.take(elements[i].set, std::as_bytes(std::span{message}).subspan(NLMSG_HDRLEN));
    }
}

TEST(NftCounters, FindTheRulesOfElements) {
    Rule other = aRule();
    other.externalPort = Port{3075};
    NftCounters counters;
    tell(counters, aRule(), {7});
    tell(counters, other, {9});
    EXPECT_EQ(counters.of(aRule()), (Traffic{7, 700}));
    EXPECT_EQ(counters.of(other), (Traffic{9, 900}));
}

TEST(NftCounters, ReadSeveralElementsInOneMessage) {
    Rule other = aRule();
    other.protocol = Protocol::Tcp;
    const NftElement element = countedElements(aRule()).front();
    const NftMessage message = told({{element, 1}, {countedElements(other).front(), 2}});
    NftCounters counters;
    counters.take(element.set, std::as_bytes(std::span{message}).subspan(NLMSG_HDRLEN));
    EXPECT_EQ(counters.of(aRule()), (Traffic{1, 100}));
    EXPECT_EQ(counters.of(other), (Traffic{2, 200}));
}

TEST(NftCounters, AddUpSetsThatMoveAndFilters) {
    const Rule moved = aSet(40000, 5000, 2);
    Rule filtered = aPinhole();
    filtered.filters = {PeerFilter{{test::kRemote6, 64}, Port{0}},
                        PeerFilter{{test::kRemote6, 128}, Port{99}}};
    NftCounters counters;
    tell(counters, moved, {3, 4});
    tell(counters, filtered, {5, 6});
    EXPECT_EQ(counters.of(moved), (Traffic{7, 700}));
    EXPECT_EQ(counters.of(filtered), (Traffic{11, 1100}));
}

TEST(NftCounters, KnowASetByItsFirstAndItsLastPort) {
    NftCounters counters;
    tell(counters, aSet(4000, 4000, 256), {8});
    EXPECT_EQ(counters.of(aSet(4000, 4000, 256)), (Traffic{8, 800}));
    EXPECT_EQ(counters.of(aSet(4000, 4000, 128)), std::nullopt);
}

TEST(NftCounters, SayNothingOfWhatIsNotThere) {
    NftCounters counters;
    EXPECT_EQ(counters.of(aRule()), std::nullopt);
    const Rule moved = aSet(40000, 5000, 2);
    const NftElement first = countedElements(moved).front();
    const NftMessage message = told({{first, 1}});
    const auto octets = std::as_bytes(std::span{message}).subspan(NLMSG_HDRLEN);
    for (std::size_t size = 0; size < octets.size(); ++size)
        counters.take(first.set, octets.first(size));
    EXPECT_EQ(counters.of(moved), std::nullopt) << "the second port is not there";
}

}  // namespace
}  // namespace igd::firewall
