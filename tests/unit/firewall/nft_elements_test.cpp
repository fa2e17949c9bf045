// SPDX-License-Identifier: GPL-2.0-or-later
// The elements that a change of rules takes away and adds.
#include "nft/nft_elements.h"

#include "rules.h"

#include <gmock/gmock.h>

namespace igd::firewall {
namespace {

using test::aPinhole;
using test::aRule;
using test::forRemote;
using test::kClient6;
using test::kPeer;
using test::kRemote6;
using test::withComment;
using test::withFilters;
using test::withTimeout;
using testing::ElementsAre;
using testing::IsEmpty;

const Ipv4Prefix kClient{Ipv4Address{0xc0a8320a}, 32};
const Ipv4Prefix kRemote{Ipv4Address{kPeer}, 32};
const PeerFilter kHost{{kRemote6, 128}, Port{0}};
const PeerFilter kPort{{Ipv6Address{}, 0}, Port{7}};
const PeerFilter kHostAndPort{{kRemote6, 128}, Port{7}};
const PeerFilter kNetwork{{*parseIpv6Address("2001:db8:1::"), 48}, Port{0}};
constexpr NftSet kDnat{kNftTable, "dnat4"};
constexpr NftSet kForward{kNftTable, "forward4"};

ElementSteps stepsFor(const RuleDelta& delta, bool renewsInPlace = false) {
    return stepsOf({delta, renewsInPlace});
}

NftElement onlyElementOf(const Rule& rule) {
    const auto elements = pinholeElements(rule);
    EXPECT_EQ(elements.size(), 1U);
    return elements.at(0);
}

TEST(NftElements, MakeAMappingOneOfMapAndSet) {
    const auto steps = stepsFor({{}, {withTimeout(withComment(aRule(), "xbox"), Seconds{3602})}});
    EXPECT_THAT(steps.remove, IsEmpty());
    EXPECT_THAT(steps.add,
                ElementsAre(NftElement{.set = kDnat,
                                       .key = {Protocol::Udp, Port{3074}},
                                       .value = {kClient, Port{3075}},
                                       .timeout = Seconds{3602},
                                       .comment = "xbox"},
                            NftElement{.set = kForward,
                                       .key = {kClient, Protocol::Udp, Port{3075}, Port{3074}},
                                       .timeout = Seconds{3602}}));
}

TEST(NftElements, HaveTheRemoteHostOfAMappingInFrontOfTheKey) {
    EXPECT_THAT(
        stepsFor({{}, {forRemote(aRule(), kPeer)}}).add,
        ElementsAre(NftElement{.set = {kNftTable, "dnat4_remote"},
                               .key = {kRemote, Protocol::Udp, Port{3074}},
                               .value = {kClient, Port{3075}}},
                    NftElement{.set = {kNftTable, "forward4_remote"},
                               .key = {kRemote, kClient, Protocol::Udp, Port{3075}, Port{3074}}}));
}

TEST(NftElements, HaveTheNetworkOfEachFilterInFrontOfTheKey) {
    const Ipv4Prefix network{Ipv4Address{0x50010000}, 16};
    const Ipv6Prefix mapped{mappedAddress(network.address), 112};
    const Rule rule = withFilters(aRule(), {{mapped, Port{0}}, {mapped, Port{9}}});
    EXPECT_THAT(stepsFor({{}, {rule}}).add,
                ElementsAre(NftElement{.set = {kNftTable, "dnat4_net", true},
                                       .key = {network, Protocol::Udp, Port{3074}},
                                       .value = {kClient, Port{3075}}},
                            NftElement{.set = {kNftTable, "dnat4_net_port", true},
                                       .key = {network, Port{9}, Protocol::Udp, Port{3074}},
                                       .value = {kClient, Port{3075}}},
                            NftElement{.set = kForward,
                                       .key = {kClient, Protocol::Udp, Port{3075}, Port{3074}}}));
}

TEST(NftElements, MakeASetOfPortsOneOfMapAndSet) {  // PCP-SET-10
    Rule set = test::aSet(4000, 4000, 256);
    const PortRange ports{Port{4000}, Port{4255}};
    const PortRange any{Port{0}, Port{65535}};
    const NftSet maps{kNftTable, "dnat4_sets", true, true};
    const NftElement passage{.set = {kNftTable, "forward4_sets", true},
                             .key = {kClient, Protocol::Udp, ports, ports}};
    EXPECT_THAT(stepsFor({{}, {set}}).add,
                ElementsAre(NftElement{.set = maps,
                                       .key = {Ipv4Prefix{}, any, Protocol::Udp, ports},
                                       .value = {kClient, ports}},
                            passage));
    const Ipv4Prefix network{Ipv4Address{0x50010000}, 16};
    set.filters = {{{mappedAddress(network.address), 112}, Port{9}}};
    EXPECT_THAT(
        stepsFor({{}, {set}}).add,
        ElementsAre(NftElement{.set = maps,
                               .key = {network, PortRange{Port{9}, Port{9}}, Protocol::Udp, ports},
                               .value = {kClient, ports}},
                    passage));
}

TEST(NftElements, MakeASetThatIsMovedOneForEachPort) {
    const auto steps = stepsFor({{}, {test::aSet(41000, 4000, 3)}});
    ASSERT_EQ(steps.add.size(), 6U);
    EXPECT_EQ(steps.add[2], (NftElement{.set = kDnat,
                                        .key = {Protocol::Udp, Port{41002}},
                                        .value = {kClient, Port{4002}}}));
    EXPECT_EQ(steps.add[5], (NftElement{.set = kForward,
                                        .key = {kClient, Protocol::Udp, Port{4002}, Port{41002}}}));
}

TEST(NftElements, MakeAPinholeOfASetOne) {  // PCP-SET-12
    Rule pinhole = aPinhole();
    pinhole.portCount = 16;
    const Port first = pinhole.internal.port;
    EXPECT_EQ(onlyElementOf(pinhole).set, (NftSet{kPinholeTable, "mapped", true}));
    EXPECT_EQ(onlyElementOf(pinhole).key.back(), NftField{portsFrom(first, 16)});
    EXPECT_EQ(onlyElementOf(pinhole).key.front(), (NftField{Ipv6Prefix{}}));
}

TEST(NftElements, RefuseWhatIsLeftOfEachPortThatHasEnded) {
    Rule set = test::aSet(4000, 4000, 3);
    set.protocol = Protocol::Tcp;
    Rule one = test::aSet(9000, 4001, 1);
    one.protocol = Protocol::Tcp;
    const auto ended = endedBy({{set}, {one}});
    ASSERT_EQ(ended.size(), 2U);
    EXPECT_EQ(ended[0].key.back(), NftField{Port{4000}});
    EXPECT_EQ(ended[1].key.back(), NftField{Port{4002}});
}

TEST(NftElements, ThatGoHaveNeitherTimeoutNorComment) {
    const auto steps = stepsFor({{withTimeout(withComment(aRule(), "xbox"), Seconds{60})}, {}});
    EXPECT_THAT(steps.add, IsEmpty());
    EXPECT_THAT(
        steps.remove,
        ElementsAre(
            NftElement{
                .set = kDnat, .key = {Protocol::Udp, Port{3074}}, .value = {kClient, Port{3075}}},
            NftElement{.set = kForward, .key = {kClient, Protocol::Udp, Port{3075}, Port{3074}}}));
}

TEST(NftElements, NeverHaveATimeoutOfZeroWhichMeansForEver) {
    const auto steps = stepsFor({{}, {withTimeout(aRule(), Seconds{0})}});
    EXPECT_EQ(steps.add.at(0).timeout, Seconds{1});
    EXPECT_EQ(steps.add.at(1).timeout, Seconds{1});
}

TEST(NftElements, StayWhereTheRuleDiffersInItsEndOnly) {
    const Rule old = withTimeout(aRule(), Seconds{60});
    const Rule now = withTimeout(aRule(), Seconds{90});
    EXPECT_THAT(stepsFor({{old}, {now}}, true).remove, IsEmpty());
    EXPECT_EQ(stepsFor({{old}, {now}}, true).add.at(0).timeout, Seconds{90});
    EXPECT_EQ(stepsFor({{old}, {now}}, true).add.at(0).expires, Seconds{90});
    EXPECT_EQ(stepsFor({{old}, {old}}, true).add.at(0).expires, Seconds{60});
    EXPECT_FALSE(stepsFor({{}, {now}}, true).add.at(0).expires);
    EXPECT_EQ(stepsFor({{old}, {now}}, false).remove.size(), 2U);
    EXPECT_FALSE(stepsFor({{old}, {now}}, false).add.at(0).expires);
    EXPECT_EQ(stepsFor({{old}, {withComment(now, "another")}}, true).remove.size(), 2U);
}

TEST(NftElements, PutEachPinholeIntoTheSetOfItsKind) {
    const std::vector<NftField> end{Ipv6Prefix{kClient6, 128}, Protocol::Udp, Port{5000}};
    const auto behind = [&](std::vector<NftField> front) {
        front.insert(front.end(), end.begin(), end.end());
        return front;
    };
    const NftElement any = onlyElementOf(aPinhole());
    EXPECT_EQ(any.set, (NftSet{kPinholeTable, "pinholes"}));
    EXPECT_EQ(any.key, end);
    const NftElement host = onlyElementOf(forRemote(aPinhole(), kHost));
    EXPECT_EQ(host.set, (NftSet{kPinholeTable, "pinholes_host"}));
    EXPECT_EQ(host.key, behind({kHost.remote}));
    const NftElement port = onlyElementOf(forRemote(aPinhole(), kPort));
    EXPECT_EQ(port.set, (NftSet{kPinholeTable, "pinholes_port"}));
    EXPECT_EQ(port.key, behind({Port{7}}));
    const NftElement both = onlyElementOf(forRemote(aPinhole(), kHostAndPort));
    EXPECT_EQ(both.set, (NftSet{kPinholeTable, "pinholes_host_port"}));
    EXPECT_EQ(both.key, behind({kHost.remote, Port{7}}));
}

TEST(NftElements, AreOneForEachFilterOfAPinhole) {
    const auto elements = pinholeElements(withFilters(aPinhole(), {kNetwork, kHostAndPort}));
    ASSERT_EQ(elements.size(), 2U);
    EXPECT_EQ(elements[0].set, (NftSet{kPinholeTable, "mapped", true}));
    EXPECT_EQ(elements[0].key.at(0), NftField{kNetwork.remote});
    EXPECT_EQ(elements[1].set, (NftSet{kPinholeTable, "mapped_port", true}));
    EXPECT_EQ(elements[1].key.at(1), NftField{Port{7}});
    EXPECT_THAT(pinholeElements(aRule()), IsEmpty());
}

TEST(NftElements, CleanACommentOfWhatCouldEndTheString) {
    EXPECT_EQ(nftComment("a\"; flush ruleset; \\\n\"b"), "a; flush ruleset; b");
    EXPECT_EQ(nftComment("\"\""), "");
    EXPECT_EQ(nftComment("gr\xc3\xbc\xc3\x9f\x80"), "gr\xc3\xbc\xc3\x9f");
}

TEST(NftElements, CutACommentAt128BytesBetweenTwoCharacters) {
    std::string umlauts;
    for (int i = 0; i < 100; ++i) umlauts += "\xc3\xbc";
    EXPECT_EQ(nftComment(umlauts), umlauts.substr(0, 128));
    EXPECT_EQ(nftComment("x" + umlauts).size(), 127U);
}

TEST(NftElements, NameTheEndsOfTcpToWhichNothingLeadsAnyMore) {
    Rule mapping = aRule();
    mapping.protocol = Protocol::Tcp;
    Rule pinhole = aPinhole();
    pinhole.protocol = Protocol::Tcp;
    EXPECT_THAT(endedBy({{mapping, pinhole, aRule()}, {aRule()}}),
                ElementsAre(NftElement{.set = {kNftTable, "ended4"},
                                       .key = {kClient, Port{3075}},
                                       .timeout = Seconds{3600}},
                            NftElement{.set = {kPinholeTable, "ended"},
                                       .key = {Ipv6Prefix{kClient6, 128}, Port{5000}},
                                       .timeout = Seconds{3600}}));
    EXPECT_TRUE(endedBy({{mapping}, {withTimeout(mapping, Seconds{9})}}).empty()) << "renewed";
}

}  // namespace
}  // namespace igd::firewall
