// SPDX-License-Identifier: GPL-2.0-or-later
// The questions that a ruleset is read with, and the sets of its rules.
#include "upnpd/inspect/nft_decoder.h"

#include "match.h"
#include "nft_messages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace igd::inspect {
namespace {

using namespace test::nft;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr int kAnonymous = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT;

Kernel withForward(const Octets& expressions) {
    Kernel kernel;
    kernel.table(NFPROTO_INET, "filter")
        .chain(NFPROTO_INET, "filter", "forward", Hooked{.drop = true})
        .chain(NFPROTO_INET, "filter", "from_wan")
        .chain(NFPROTO_INET, "filter", "never")
        .rule(NFPROTO_INET, "filter", "forward", expressions)
        .rule(NFPROTO_INET, "filter", "from_wan", kDrop);
    return kernel;
}

const Chain& forwardOf(const Ruleset& rules) {
    return rules.chains[rules.find(Kind::Nft, "inet", "filter", "forward").value()];
}

/// "rules inet filter forward" for each question.
std::vector<std::string> wordsOf(const std::vector<NftQuestion>& questions) {
    constexpr std::array kKinds{"tables", "chains", "rules", "sets", "set", "elements"};
    std::vector<std::string> words;
    for (const NftQuestion& question : questions)
        words.push_back(fmt::format("{} {} {}", kKinds[static_cast<std::size_t>(question.kind)],
                                    question.table, question.name));
    return words;
}

Packet toPort(std::uint16_t port) {
    Packet packet;
    packet.in = "wan0";
    packet.out = "lan0";
    packet.protocol = Protocol::Tcp;
    packet.source = packet.originalSource = {Ipv4Address{0x0a010203}, Port{50000}};
    packet.destination = packet.originalDestination = {Ipv4Address{0xc0a8320a}, Port{port}};
    return packet;
}

TEST(NftDecoder, AsksForBaseChainsAndWhatTheyJumpTo) {
    Kernel kernel = withForward(verdict(NFT_JUMP, "from_wan"));
    kernel.chain(NFPROTO_INET, "filter", "output", Hooked{.hook = NF_INET_LOCAL_OUT});
    const Ruleset rules = kernel.read();
    EXPECT_THAT(
        wordsOf(kernel.questions),
        ElementsAre("tables  ", "chains  ", "rules filter forward", "rules filter from_wan"));
    ASSERT_TRUE(forwardOf(rules).base);
    EXPECT_EQ(forwardOf(rules).base->hook, Hook::Forward);
    EXPECT_TRUE(forwardOf(rules).base->policyDrop);
    EXPECT_FALSE(forwardOf(rules).own);
    EXPECT_THAT(kernel.places.chains, ElementsAre(NftPlace{NFPROTO_INET, "filter", "forward"},
                                                  NftPlace{NFPROTO_INET, "filter", "from_wan"}));
}

TEST(NftDecoder, LeavesChainsForTheRouterOutWhereTheyDoNotMatter) {
    Kernel kernel = withForward(kAccept);
    kernel.chain(NFPROTO_INET, "filter", "input", Hooked{.hook = NF_INET_LOCAL_IN});
    for (const NftScope scope : {NftScope::All, NftScope::Forwarding}) {
        Ruleset rules;
        NftDecoder decoder{rules, {}, scope};
        kernel.answer(decoder);
        EXPECT_EQ(rules.find(Kind::Nft, "inet", "filter", "input").has_value(),
                  scope == NftScope::All);
    }
}

TEST(NftDecoder, LeavesDormantTablesAndOtherFamiliesOut) {
    Kernel kernel;
    kernel.table(NFPROTO_INET, "sleeps", NFT_TABLE_F_DORMANT)
        .table(NFPROTO_ARP, "filter")
        .table(NFPROTO_NETDEV, "early")
        .chain(NFPROTO_INET, "sleeps", "forward", Hooked{})
        .chain(NFPROTO_ARP, "filter", "forward", Hooked{})
        .chain(NFPROTO_NETDEV, "early", "nowhere", Hooked{.hook = 0})
        .chain(NFPROTO_NETDEV, "early", "in", Hooked{.hook = 0, .devices = {"wan0", "wan1"}})
        .chain(NFPROTO_NETDEV, "early", "out", Hooked{.hook = 1, .devices = {"lan0"}});
    const Ruleset rules = kernel.read();
    ASSERT_EQ(rules.chains.size(), 2U);
    EXPECT_EQ(rules.chains[0].base->hook, Hook::Ingress);
    EXPECT_THAT(rules.chains[0].base->devices, ElementsAre("wan0", "wan1"));
    EXPECT_EQ(rules.chains[1].base->hook, Hook::Egress);
}

TEST(NftDecoder, KnowsTablesThatAreSomebodysAlone) {
    Kernel kernel;
    kernel.table(NFPROTO_INET, "firewalld", NFT_TABLE_F_OWNER)
        .chain(NFPROTO_INET, "firewalld", "forward", Hooked{.priority = 10});
    const Ruleset rules = kernel.read();
    EXPECT_FALSE(rules.chains.at(0).writable);
    EXPECT_EQ(rules.chains.at(0).base->priority, 10);
}

TEST(NftDecoder, KnowsTablesOfIptables) {
    Kernel kernel;
    kernel.table(NFPROTO_IPV4, "filter")
        .table(NFPROTO_IPV4, "nat")
        .table(NFPROTO_INET, "filter")
        .chain(NFPROTO_IPV4, "filter", "FORWARD", Hooked{})
        .chain(NFPROTO_IPV4, "nat", "postrouting",
               Hooked{.hook = NF_INET_POST_ROUTING, .priority = -1, .type = "nat"})
        .chain(NFPROTO_INET, "filter", "FORWARD", Hooked{});
    const Ruleset rules = kernel.read();
    EXPECT_TRUE(rules.find(Kind::IptablesNft, "ip", "filter", "FORWARD"));
    const Chain& nat = rules.chains[rules.find(Kind::Nft, "ip", "nat", "postrouting").value()];
    EXPECT_EQ(nat.kind, Kind::Nft);
    EXPECT_TRUE(nat.base->translates);
    EXPECT_EQ(nat.base->priority, -1);
    for (const Chain& chain : rules.chains)
        EXPECT_EQ(chain.kind == Kind::IptablesNft, chain.family == "ip" && chain.table == "filter");
}

TEST(NftDecoder, TellsTheHandlesOfOurTables) {
    Kernel kernel;
    kernel.table(NFPROTO_INET, "upnpd")
        .chain(NFPROTO_INET, "upnpd", "forward", Hooked{})
        .chain(NFPROTO_INET, "upnpd", "mapped")
        .set(NFPROTO_INET, "upnpd", "dnat4", NFT_SET_MAP, 4, element(host32(1)))
        .rule(NFPROTO_INET, "upnpd", "mapped", kAccept)
        .table(NFPROTO_IPV4, "upnpd");
    const Ruleset rules = kernel.read();
    EXPECT_THAT(kernel.handles, ElementsAre(Pair("inet upnpd", ElementsAre(1, 2, 3, 4, 5))));
    EXPECT_TRUE(rules.chains.at(0).own);
    EXPECT_THAT(wordsOf(kernel.questions), Contains("sets upnpd "));
    EXPECT_THAT(wordsOf(kernel.questions), Not(Contains("elements upnpd dnat4")));
}

TEST(NftDecoder, KnowsOurRulesByTheirComments) {
    Kernel kernel = withForward(kAccept);
    for (const char* const words :
         {"upnpd", "upnpd: new tcp", "upnpd pinholes", "upnpdx", "not upnpd"})
        kernel.rule(NFPROTO_INET, "filter", "forward", kAccept, comment(words));
    EXPECT_THAT(forwardOf(kernel.read()).openings,
                ElementsAre("upnpd", "upnpd: new tcp", "upnpd pinholes"));
}

TEST(NftDecoder, FindsOurCommentBehindOtherData) {
    Kernel kernel = withForward(kAccept);
    kernel.rule(NFPROTO_INET, "filter", "forward", kAccept,
                Octets("\x01\x02xy", 4) + comment("upnpd"));
    kernel.rule(NFPROTO_INET, "filter", "forward", kAccept, Octets("\x00\x20short", 7));
    EXPECT_THAT(forwardOf(kernel.read()).openings, ElementsAre("upnpd"));
}

/// Is port 22, 80, 90 and so on in the anonymous set of those elements?
std::vector<std::uint16_t> portsIn(int flags, const Octets& elements) {
    Kernel kernel = withForward(kTcp + transport(2, 2) + lookup("__set0") + kAccept);
    kernel.set(NFPROTO_INET, "filter", "__set0", kAnonymous | flags, 2, elements);
    const Ruleset rules = kernel.read();
    std::vector<std::uint16_t> ports;
    constexpr std::array<std::uint16_t, 8> kTried{1, 22, 79, 80, 85, 90, 91, 65535};
    for (const std::uint16_t port : kTried)
        if (matches(toPort(port), forwardOf(rules).steps.at(1)) == Truth::Yes)
            ports.push_back(port);
    return ports;
}

TEST(NftSets, HoldSingleKeys) {
    EXPECT_THAT(portsIn(0, element(port(80)) + element(port(22))), ElementsAre(22, 80));
    EXPECT_THAT(portsIn(0, {}), IsEmpty());
    EXPECT_THAT(portsIn(0, element(port(80)) + element({}, NFT_SET_ELEM_CATCHALL)),
                ElementsAre(1, 22, 79, 80, 85, 90, 91, 65535));
}

TEST(NftSets, HoldIntervalsInAnyOrder) {
    const int end = NFT_SET_ELEM_INTERVAL_END;
    const Octets null = element(port(0), end);
    EXPECT_THAT(portsIn(NFT_SET_INTERVAL, element(port(91), end) + element(port(80)) +
                                              element(port(23), end) + element(port(22)) + null),
                ElementsAre(22, 80, 85, 90));
    EXPECT_THAT(portsIn(NFT_SET_INTERVAL, null + element(port(91))), ElementsAre(91, 65535));
    // The second interval begins where the first ends.
    EXPECT_THAT(portsIn(NFT_SET_INTERVAL, element(port(85)) + element(port(85), end) +
                                              element(port(79)) + element(port(90), end)),
                ElementsAre(79, 80, 85));
}

TEST(NftSets, HoldSeveralFields) {
    Kernel kernel = withForward(kIpv4 + kTcp + network(12, 4, slot(0)) + transport(2, 2, slot(1)) +
                                lookup("__set0", slot(0)) + kAccept);
    const Octets pad(2, '\0');
    kernel.set(
        NFPROTO_INET, "filter", "__set0", kAnonymous | NFT_SET_INTERVAL | NFT_SET_CONCAT, 8,
        element(ip("10.0.0.0") + port(80) + pad, 0, {}, ip("10.255.255.255") + port(90) + pad) +
            element(ip("1.2.3.4") + port(22) + pad, 0, {}, ip("1.2.3.4") + port(22) + pad));
    const Step step = forwardOf(kernel.read()).steps.at(2);
    EXPECT_EQ(matches(toPort(85), step), Truth::Yes);
    EXPECT_EQ(matches(toPort(91), step), Truth::No);
    EXPECT_EQ(matches(toPort(22), step), Truth::No);
}

TEST(NftSets, InvertTheirAnswer) {
    Kernel kernel = withForward(kTcp + transport(2, 2) +
                                lookup("__set0", kReg, {}, NFT_LOOKUP_F_INV) + kAccept);
    kernel.set(NFPROTO_INET, "filter", "__set0", kAnonymous, 2, element(port(80)));
    const Step step = forwardOf(kernel.read()).steps.at(1);
    EXPECT_EQ(matches(toPort(80), step), Truth::No);
    EXPECT_EQ(matches(toPort(81), step), Truth::Yes);
}

TEST(NftSets, OfOthersWithNamesAreNotRead) {
    Kernel kernel = withForward(kIpv4 + network(12, 4) + lookup("blocked") + kDrop);
    kernel.set(NFPROTO_INET, "filter", "blocked", 0, 4, element(ip("1.2.3.4")));
    const Ruleset rules = kernel.read();
    EXPECT_EQ(matches(toPort(80), forwardOf(rules).steps.at(1)), Truth::Unknown);
    EXPECT_THAT(wordsOf(kernel.questions), Not(Contains("set filter blocked")));
    EXPECT_THAT(kernel.places.sets, IsEmpty());
}

TEST(NftSets, OfInterfacesAreRead) {
    Kernel kernel = withForward(meta(NFT_META_IIFNAME) + lookup("zones", kReg, NFT_REG_VERDICT));
    kernel.set(NFPROTO_INET, "filter", "zones", NFT_SET_MAP, 16,
               element(name("wan0"), 0, verdictData(NFT_JUMP, "from_wan")) +
                   element(name("lan0"), 0, verdictData(NF_ACCEPT)) +
                   element(name("lan1"), 0, verdictData(NFT_CONTINUE)));
    const Ruleset rules = kernel.read();
    EXPECT_THAT(wordsOf(kernel.questions), Contains("rules filter from_wan"));
    EXPECT_THAT(kernel.places.sets, ElementsAre(NftPlace{NFPROTO_INET, "filter", "zones"}));
    const auto& map = std::get<VerdictMap>(forwardOf(rules).steps.at(0));
    const Found found = find(toPort(80), map.operands, map.keys.get());
    ASSERT_EQ(found.known, Truth::Yes);
    EXPECT_EQ(map.verdicts->at(found.index).ending, Ending::Jump);
    EXPECT_EQ(rules.chains[map.verdicts->at(found.index).chain].rules.size(), 1U);
    Packet other = toPort(80);
    other.in = "lan1";
    EXPECT_EQ(find(other, map.operands, map.keys.get()).known, Truth::No);
}

TEST(NftSets, ThatPacketsFillAreNotRead) {
    Kernel kernel = withForward(meta(NFT_META_IIFNAME) + lookup("seen") + kDrop);
    kernel.set(NFPROTO_INET, "filter", "seen", NFT_SET_EVAL, 16, element(name("wan0")));
    EXPECT_EQ(matches(toPort(80), forwardOf(kernel.read()).steps.at(0)), Truth::Unknown);
}

TEST(NftSets, OfWhichAKeyIsNotKnownAreNotKnown) {
    Kernel kernel = withForward(kIpv4 + network(8, 1) + lookup("__set0") + kDrop);
    kernel.set(NFPROTO_INET, "filter", "__set0", kAnonymous, 1, element(big(std::uint8_t{64})));
    EXPECT_EQ(matches(toPort(80), forwardOf(kernel.read()).steps.at(1)), Truth::Unknown);
    // An element that is too short for the key.
    Kernel odd = withForward(kTcp + transport(2, 2) + lookup("__set0") + kDrop);
    odd.set(NFPROTO_INET, "filter", "__set0", kAnonymous, 2, element(big(std::uint8_t{64})));
    EXPECT_EQ(matches(toPort(80), forwardOf(odd.read()).steps.at(1)), Truth::Unknown);
}

TEST(NftSets, GiveTargetsOfTranslations) {
    const Octets nat = expression("nat", number(NFTA_NAT_TYPE, NFT_NAT_DNAT) +
                                             number(NFTA_NAT_FAMILY, NFPROTO_IPV4) +
                                             number(NFTA_NAT_REG_ADDR_MIN, slot(0)) +
                                             number(NFTA_NAT_REG_PROTO_MIN, slot(1)));
    Kernel kernel =
        withForward(kIpv4 + kTcp + transport(2, 2) + lookup("__map0", kReg, slot(0)) + nat);
    const auto target = [](std::string_view address, std::uint16_t to) {
        return attribute(NFTA_DATA_VALUE, ip(address) + port(to) + Octets(2, '\0'));
    };
    kernel.set(NFPROTO_INET, "filter", "__map0", kAnonymous | NFT_SET_MAP, 2,
               element(port(80), 0, target("192.168.50.2", 8080)) +
                   element(port(90), 0, target("192.168.50.3", 9090)));
    const Ruleset rules = kernel.read();
    const auto& steps = forwardOf(rules).steps;
    EXPECT_EQ(matches(toPort(81), steps.at(2)), Truth::No);
    const auto& translation = std::get<Translation>(steps.at(3));
    const Found found = find(toPort(90), translation.map->operands, translation.map->keys.get());
    ASSERT_EQ(found.known, Truth::Yes);
    EXPECT_EQ(translation.map->targets->at(found.index).address,
              IpAddress{parseIpv4Address("192.168.50.3").value()});
    EXPECT_EQ(translation.map->targets->at(found.index).port, Port{9090});
    EXPECT_FALSE(translation.unknownTarget);
}

/// An administrator's list of forwards; a long one is somebody's data, and not known.
TEST(NftSets, WithNamesGiveTargetsOfTranslationsWhereTheyAreShort) {
    const Octets nat = expression("nat", number(NFTA_NAT_TYPE, NFT_NAT_DNAT) +
                                             number(NFTA_NAT_FAMILY, NFPROTO_IPV4) +
                                             number(NFTA_NAT_REG_ADDR_MIN, slot(0)));
    const Octets target = attribute(NFTA_DATA_VALUE, ip("192.168.50.2"));
    for (const std::uint16_t count : {std::uint16_t{2}, std::uint16_t{1025}}) {
        Kernel kernel =
            withForward(kIpv4 + kTcp + transport(2, 2) + lookup("forwards", kReg, slot(0)) + nat);
        Octets elements;
        for (std::uint16_t i = 0; i < count; ++i) elements += element(port(80 + i), 0, target);
        kernel.set(NFPROTO_INET, "filter", "forwards", NFT_SET_MAP, 2, elements);
        const Ruleset rules = kernel.read();
        const auto& map = std::get<Translation>(forwardOf(rules).steps.at(3)).map;
        ASSERT_TRUE(map);
        const Found found = find(toPort(81), map->operands, map->keys.get());
        EXPECT_EQ(found.known, count == 2 ? Truth::Yes : Truth::Unknown) << count;
    }
}

/// The kernel needs a walk through all sets for each question about one.
TEST(NftSets, OfATableWithThousandsAreReadInPart) {
    Kernel kernel = withForward({});
    constexpr int kSets = 5000;
    for (int i = 0; i < kSets; ++i)
        kernel.rule(NFPROTO_INET, "filter", "forward",
                    kTcp + transport(2, 2) + lookup(fmt::format("__set{}", i)) + kAccept);
    Ruleset rules;
    NftDecoder decoder{rules, {}};
    std::size_t asked = 0;
    while (const auto question = decoder.next()) {
        if (question->kind == NftQuestion::Kind::Set) ++asked;
        for (const auto& [type, octets] : kernel.messages)
            if (question->kind != NftQuestion::Kind::Set)
                decoder.take(type, std::as_bytes(std::span{octets}));
    }
    EXPECT_GT(asked, 100U);
    EXPECT_LT(asked, 1000U);
}

TEST(NftDecoder, TakesMessagesThatAreCutShort) {
    Kernel kernel = withForward(meta(NFT_META_IIFNAME) + lookup("zones", kReg, NFT_REG_VERDICT));
    kernel.set(NFPROTO_INET, "filter", "zones", NFT_SET_MAP, 16,
               element(name("wan0"), 0, verdictData(NFT_JUMP, "from_wan")));
    const auto whole = kernel.messages;
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (std::size_t size = 0; size < whole[i].second.size(); ++size) {
            kernel.messages = whole;
            kernel.messages[i].second.resize(size);
            EXPECT_LE(kernel.read().chains.size(), 2U);
        }
}

}  // namespace
}  // namespace igd::inspect
