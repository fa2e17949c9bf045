// SPDX-License-Identifier: GPL-2.0-or-later
// Rules of nftables, expression by expression, and packets that meet them or do not.
#include "match.h"
#include "nft_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

namespace igd::inspect {
namespace {

using namespace test::nft;
using testing::Each;
using testing::VariantWith;

/// From the Internet to a client's port 5000, first packet, translated from port 40001.
Packet aPacket() {
    Packet packet;
    packet.in = "wan0";
    packet.out = "lan0";
    packet.inIndex = 2;
    packet.outIndex = 3;
    packet.protocol = Protocol::Tcp;
    packet.source = packet.originalSource = {Ipv4Address{0x50646409}, Port{50000}};
    packet.destination = {Ipv4Address{0xc0a8320a}, Port{5000}};
    packet.originalDestination = {Ipv4Address{0x50646401}, Port{40001}};
    packet.translated = true;
    packet.mark = 0x1200;
    packet.flowMark = 0x5;
    return packet;
}

Packet aPacket6() {
    Packet packet = aPacket();
    Ipv6Address::Bytes bytes{0x20, 1, 0x0d, 0xb8};
    bytes[15] = 9;
    packet.source.address = packet.originalSource.address = Ipv6Address{bytes};
    bytes[15] = 1;
    packet.destination.address = packet.originalDestination.address = Ipv6Address{bytes};
    return packet;
}

/// The steps of one rule in "inet filter forward".
std::vector<Step> stepsOf(Kernel kernel, const Octets& expressions) {
    kernel.table(NFPROTO_INET, "filter")
        .chain(NFPROTO_INET, "filter", "forward", Hooked{})
        .rule(NFPROTO_INET, "filter", "forward", expressions);
    const Ruleset rules = kernel.read();
    const auto id = rules.find(Kind::Nft, "inet", "filter", "forward");
    return rules.chains[id.value()].steps;
}
std::vector<Step> stepsOf(const Octets& expressions) {
    return stepsOf({}, expressions);
}

Truth meets(const Packet& packet, const std::vector<Step>& steps) {
    Truth truth = Truth::Yes;
    for (const Step& step : steps) {
        const Truth one = matches(packet, step);
        if (one == Truth::No) return Truth::No;
        if (one == Truth::Unknown) truth = Truth::Unknown;
    }
    return truth;
}

struct Case {
    const char* words;
    Octets expressions;
    Truth truth;
};

std::ostream& operator<<(std::ostream& out, const Case& one) {
    return out << one.words;
}

constexpr Truth kYes = Truth::Yes, kNo = Truth::No, kUnknown = Truth::Unknown;

class NftRule : public testing::TestWithParam<Case> {};

TEST_P(NftRule, IsMetByTheseFirstPackets) {
    EXPECT_EQ(meets(aPacket(), stepsOf(GetParam().expressions)), GetParam().truth);
}

Octets octet(int value) {
    return big(static_cast<std::uint8_t>(value));
}
const Octets kZero = host32(0);

INSTANTIATE_TEST_SUITE_P(
    OfInterfaces, NftRule,
    testing::Values(
        Case{"iifname wan0", meta(NFT_META_IIFNAME) + cmp(name("wan0")), kYes},
        Case{"iifname wan", meta(NFT_META_IIFNAME) + cmp(name("wan")), kNo},
        Case{"iifname wan*", meta(NFT_META_IIFNAME) + cmp("wan"), kYes},
        Case{"iifname lan*", meta(NFT_META_IIFNAME) + cmp("lan"), kNo},
        Case{"oifname != lan0", meta(NFT_META_OIFNAME) + cmp(name("lan0"), NFT_CMP_NEQ), kNo},
        Case{"iif 2", meta(NFT_META_IIF) + cmp(host32(2)), kYes},
        Case{"oif 2", meta(NFT_META_OIF) + cmp(host32(2)), kNo},
        Case{"iifname wan0, as iptables-nft compares", meta(NFT_META_IIFNAME) + cmp(text("wan0")),
             kYes},
        Case{"iifkind bridge", meta(NFT_META_IIFKIND) + cmp(name("bridge")), kUnknown}));

INSTANTIATE_TEST_SUITE_P(
    OfHeaders, NftRule,
    testing::Values(
        Case{"nfproto ipv4", kIpv4, kYes},
        Case{"protocol ip", meta(NFT_META_PROTOCOL) + cmp(port(0x0800)), kYes},
        Case{"protocol ip6", meta(NFT_META_PROTOCOL) + cmp(port(0x86dd)), kNo},
        Case{"protocol != arp", meta(NFT_META_PROTOCOL) + cmp(port(0x0806), NFT_CMP_NEQ), kYes},
        Case{"ip saddr", kIpv4 + network(12, 4) + cmp(ip("80.100.100.9")), kYes},
        Case{"ip saddr of a /8", kIpv4 + network(12, 1) + cmp(octet(80)), kYes},
        Case{"ip saddr of another /16", kIpv4 + network(12, 2) + cmp(port(0x5065)), kNo},
        Case{"ip saddr of a /23",
             kIpv4 + network(12, 4) + bits(ip("255.255.254.0"), kZero) + cmp(ip("80.100.100.0")),
             kYes},
        Case{"ip daddr != client", kIpv4 + network(16, 4) + cmp(ip("192.168.50.10"), NFT_CMP_NEQ),
             kNo},
        Case{"ip saddr in a range",
             kIpv4 + network(12, 4) + range(ip("80.100.100.1"), ip("80.100.100.9")), kYes},
        Case{"ip saddr out of a range",
             kIpv4 + network(12, 4) + range(ip("80.100.100.1"), ip("80.100.100.9"), NFT_RANGE_NEQ),
             kNo},
        Case{"ip protocol udp", kIpv4 + network(9, 1) + cmp(octet(17)), kNo},
        Case{"ip frag-off & 0x1fff != 0",
             kIpv4 + network(6, 2) + bits(port(0x1fff), port(0)) + cmp(port(0), NFT_CMP_NEQ), kNo},
        Case{"ip frag-off & 0x4000 != 0",
             kIpv4 + network(6, 2) + bits(port(0x4000), port(0)) + cmp(port(0), NFT_CMP_NEQ),
             kUnknown},
        Case{"ip ttl", kIpv4 + network(8, 1) + cmp(octet(64)), kUnknown},
        Case{"ip6 saddr without a word of the family", network(8, 16) + cmp(Octets(16, 'x')), kNo},
        Case{"ether type ip6", payload(NFT_PAYLOAD_LL_HEADER, 12, 2) + cmp(port(0x86dd)), kNo},
        Case{"tcp dport", kTcp + transport(2, 2) + cmp(port(5000)), kYes},
        Case{"tcp dport < 5000", kTcp + transport(2, 2) + cmp(port(5000), NFT_CMP_LT), kNo},
        Case{"tcp dport <= 5000", kTcp + transport(2, 2) + cmp(port(5000), NFT_CMP_LTE), kYes},
        Case{"tcp dport > 4999", kTcp + transport(2, 2) + cmp(port(4999), NFT_CMP_GT), kYes},
        Case{"tcp dport >= 5001", kTcp + transport(2, 2) + cmp(port(5001), NFT_CMP_GTE), kNo},
        Case{"both ports", kTcp + transport(0, 4) + cmp(port(50000) + port(5000)), kYes},
        Case{"both ports are others",
             kTcp + transport(0, 4) + cmp(port(50000) + port(5001), NFT_CMP_NEQ), kYes},
        Case{"both ports are not others",
             kTcp + transport(0, 4) + cmp(port(50000) + port(5000), NFT_CMP_NEQ), kNo},
        Case{"tcp flags & (syn | ack) == syn",
             kTcp + transport(13, 1) + bits(octet(18), octet(0)) + cmp(octet(2)), kYes},
        Case{"tcp sequence", kTcp + transport(4, 4) + cmp(kZero), kUnknown},
        Case{"icmp type", meta(NFT_META_L4PROTO) + cmp(octet(1)) + transport(0, 1) + cmp(octet(8)),
             kNo},
        Case{"exthdr frag exists",
             expression("exthdr", number(NFTA_EXTHDR_DREG, kReg) + number(NFTA_EXTHDR_FLAGS, 1) +
                                      number(NFTA_EXTHDR_OP, NFT_EXTHDR_OP_IPV6)) +
                 cmp(octet(1)),
             kNo},
        Case{"tcp option maxseg exists",
             expression("exthdr", number(NFTA_EXTHDR_DREG, kReg) + number(NFTA_EXTHDR_FLAGS, 1) +
                                      number(NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT)) +
                 cmp(octet(1)),
             kUnknown}));

INSTANTIATE_TEST_SUITE_P(
    OfFlows, NftRule,
    testing::Values(
        Case{"ct state new", flow(NFT_CT_STATE) + cmp(host32(8)), kYes},
        Case{"ct state established,related",
             flow(NFT_CT_STATE) + bits(host32(6), kZero) + cmp(kZero, NFT_CMP_NEQ), kNo},
        Case{"ct status dnat",
             flow(NFT_CT_STATUS) + bits(host32(32), kZero) + cmp(kZero, NFT_CMP_NEQ), kYes},
        Case{"ct direction reply", flow(NFT_CT_DIRECTION) + cmp(octet(1)), kNo},
        Case{"ct protocol tcp", flow(NFT_CT_PROTOCOL) + cmp(octet(6)), kYes},
        Case{"ct original ip daddr", flow(NFT_CT_DST_IP, 0, kReg) + cmp(ip("80.100.100.1")), kYes},
        Case{"ct original daddr", kIpv4 + flow(NFT_CT_DST, 0, kReg) + cmp(ip("80.100.100.1")),
             kYes},
        Case{"ct original proto-dst", flow(NFT_CT_PROTO_DST, 0, kReg) + cmp(port(40001)), kYes},
        Case{"ct reply ip saddr", flow(NFT_CT_SRC_IP, 1, kReg) + cmp(ip("192.168.50.10")), kYes},
        Case{"ct reply proto-src", flow(NFT_CT_PROTO_SRC, 1, kReg) + cmp(port(5000)), kYes},
        Case{"ct reply proto-dst", flow(NFT_CT_PROTO_DST, 1, kReg) + cmp(port(5000)), kUnknown},
        Case{"ct original ip6 saddr", flow(NFT_CT_SRC_IP6, 0, kReg) + cmp(Octets(16, 'x')), kNo},
        Case{"ct mark 5", flow(NFT_CT_MARK) + cmp(host32(5)), kYes},
        Case{"ct helper", flow(NFT_CT_HELPER) + cmp(name("ftp")), kUnknown}));

INSTANTIATE_TEST_SUITE_P(
    OfMarks, NftRule,
    testing::Values(
        Case{"mark", meta(NFT_META_MARK) + cmp(host32(0x1200)), kYes},
        Case{"mark & 0xff00 == 0x1200",
             meta(NFT_META_MARK) + bits(host32(0xff00), kZero) + cmp(host32(0x1200)), kYes},
        Case{"mark ^ 0x1000 == 0x200",
             meta(NFT_META_MARK) + bits(host32(~0U), host32(0x1000)) + cmp(host32(0x200)), kYes},
        // The kernel compares octet by octet, and a little-endian machine has the lowest first.
        Case{"mark > 1 in the machine's order", meta(NFT_META_MARK) + cmp(host32(1), NFT_CMP_GT),
             std::endian::native == std::endian::little ? kUnknown : kYes},
        Case{"mark 0x1000-0x2000",
             meta(NFT_META_MARK) + toNetworkOrder(4) + range(big32(0x1000), big32(0x2000)), kYes},
        Case{"mark >> 8 == 0x12",
             meta(NFT_META_MARK) + shift(NFT_BITWISE_RSHIFT, 8) + cmp(host32(0x12)), kYes},
        Case{"mark >> 8 == 0x13",
             meta(NFT_META_MARK) + shift(NFT_BITWISE_RSHIFT, 8) + cmp(host32(0x13)), kNo},
        Case{"(mark >> 8) & 0xf == 2",
             meta(NFT_META_MARK) + shift(NFT_BITWISE_RSHIFT, 8) + bits(host32(15), kZero) +
                 cmp(host32(2)),
             kYes},
        Case{"mark << 4 == 0x12000",
             meta(NFT_META_MARK) + shift(NFT_BITWISE_LSHIFT, 4) + cmp(host32(0x12000)), kYes},
        Case{"mark << 4 == 1", meta(NFT_META_MARK) + shift(NFT_BITWISE_LSHIFT, 4) + cmp(host32(1)),
             kNo},
        Case{"mark << 4 != 1",
             meta(NFT_META_MARK) + shift(NFT_BITWISE_LSHIFT, 4) + cmp(host32(1), NFT_CMP_NEQ),
             kYes}));

constexpr int kReverse = NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF;

INSTANTIATE_TEST_SUITE_P(
    OfRoutes, NftRule,
    testing::Values(
        Case{"fib saddr . iif oif missing",
             route(NFT_FIB_RESULT_OIF, kReverse | NFTA_FIB_F_PRESENT) + cmp(octet(0)), kNo},
        Case{"fib saddr . iif oif exists",
             route(NFT_FIB_RESULT_OIF, kReverse | NFTA_FIB_F_PRESENT) + cmp(octet(1)), kYes},
        Case{"fib saddr . iif oif != missing",
             route(NFT_FIB_RESULT_OIF, kReverse | NFTA_FIB_F_PRESENT) + cmp(octet(0), NFT_CMP_NEQ),
             kYes},
        Case{"fib saddr . iif oif 0", route(NFT_FIB_RESULT_OIF, kReverse) + cmp(kZero), kNo},
        Case{"fib saddr oif 2", route(NFT_FIB_RESULT_OIF, NFTA_FIB_F_SADDR) + cmp(host32(2)), kYes},
        Case{"fib saddr oifname, empty",
             route(NFT_FIB_RESULT_OIFNAME, NFTA_FIB_F_SADDR) + cmp(name("")), kNo},
        Case{"fib saddr oifname wan0",
             route(NFT_FIB_RESULT_OIFNAME, NFTA_FIB_F_SADDR) + cmp(name("wan0")), kUnknown},
        Case{"fib daddr type local",
             route(NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR) + cmp(host32(2)), kNo},
        Case{"fib saddr type unicast",
             route(NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_SADDR) + cmp(host32(1)), kYes},
        Case{"fib daddr oif", route(NFT_FIB_RESULT_OIF, NFTA_FIB_F_DADDR) + cmp(host32(3)),
             kUnknown}));

Octets flagged(const char* name, int type, int flags) {
    return expression(name, number(type, flags));
}

INSTANTIATE_TEST_SUITE_P(
    OfRates, NftRule,
    testing::Values(
        Case{"limit rate", flagged("limit", NFTA_LIMIT_FLAGS, 0), kYes},
        Case{"limit rate over", flagged("limit", NFTA_LIMIT_FLAGS, NFT_LIMIT_F_INV), kNo},
        Case{"quota until", flagged("quota", NFTA_QUOTA_FLAGS, 0), kYes},
        Case{"quota over", flagged("quota", NFTA_QUOTA_FLAGS, NFT_QUOTA_F_INV), kNo},
        Case{"ct count", flagged("connlimit", NFTA_CONNLIMIT_FLAGS, 0), kYes},
        Case{"ct count over", flagged("connlimit", NFTA_CONNLIMIT_FLAGS, NFT_CONNLIMIT_F_INV), kNo},
        Case{"counter name", flagged("objref", NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER), kYes},
        Case{"quota name", flagged("objref", NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_QUOTA), kUnknown},
        Case{"add @set", flagged("dynset", NFTA_DYNSET_OP, 0), kYes},
        Case{
            "add @set { limit rate over }",
            expression("dynset", attribute(NFTA_DYNSET_EXPR,
                                           attribute(NFTA_EXPR_NAME, text("limit")) +
                                               attribute(NFTA_EXPR_DATA, number(NFTA_LIMIT_FLAGS,
                                                                                NFT_LIMIT_F_INV)))),
            kNo},
        Case{"counter and log", expression("counter", {}) + expression("log", {}), kYes},
        Case{"numgen", expression("numgen", number(NFTA_NG_DREG, kReg)) + cmp(kZero), kUnknown},
        Case{"socket", expression("socket", number(NFTA_SOCKET_DREG, kReg)) + cmp(octet(1)),
             kUnknown},
        Case{"what is not known", expression("inner", {}), kUnknown},
        Case{"a constant", constant(host32(5)) + cmp(host32(5)), kYes},
        Case{"another constant", constant(host32(5)) + cmp(host32(6)), kNo},
        Case{"a register that nobody has set", cmp(host32(6)), kUnknown}));

TEST(NftRules, OfOneFamilyAreNotMetByTheOther) {
    const auto steps =
        stepsOf(network(8, 16) + cmp(Octets("\x20\x01\x0d\xb8", 4) + Octets(11, '\0') + '\x09'));
    EXPECT_EQ(meets(aPacket6(), steps), Truth::Yes);
    EXPECT_EQ(meets(aPacket(), steps), Truth::No);
    EXPECT_EQ(meets(aPacket6(), stepsOf(kIpv4)), Truth::No);
}

TEST(NftRules, SayNothingOfAFamilyThatAnAddressTells) {
    EXPECT_EQ(stepsOf(kIpv4 + network(12, 4) + cmp(ip("80.100.100.9"))).size(), 1U);
    EXPECT_EQ(stepsOf(kIpv4 + network(9, 1) + cmp(octet(6))).size(), 2U);
}

TEST(NftRules, OfAPartOfAnIpv6AddressAreMet) {
    const Octets ipv6 = meta(NFT_META_NFPROTO) + cmp(octet(NFPROTO_IPV6));
    EXPECT_EQ(meets(aPacket6(), stepsOf(ipv6 + network(8, 4) + cmp(big32(0x20010db8)))),
              Truth::Yes);
    EXPECT_EQ(meets(aPacket6(), stepsOf(ipv6 + network(6, 1) + cmp(octet(6)))), Truth::Yes);
    EXPECT_EQ(meets(aPacket6(), stepsOf(ipv6 + network(24, 4) + cmp(big32(0x20010db9)))),
              Truth::No);
}

TEST(NftRules, ChangeMarks) {
    const auto changed = [](const Octets& expressions) {
        Packet packet = aPacket();
        for (const Step& step : stepsOf(expressions)) change(packet, step);
        return packet;
    };
    const Octets set = setMeta(NFT_META_MARK);
    EXPECT_EQ(changed(constant(host32(7)) + set).mark, 7U);
    EXPECT_EQ(changed(meta(NFT_META_MARK) + bits(host32(0xffffffef), host32(0x10)) + set).mark,
              0x1210U);
    EXPECT_EQ(changed(flow(NFT_CT_STATUS) + set).mark, std::nullopt);
    EXPECT_EQ(changed(constant(host32(9)) + expression("ct", number(NFTA_CT_KEY, NFT_CT_MARK) +
                                                                 number(NFTA_CT_SREG, kReg)))
                  .flowMark,
              9U);
    EXPECT_TRUE(changed(expression("notrack", {})).untracked);
}

TEST(NftRules, End) {
    const auto ending = [](const Octets& expressions) {
        return std::get<Verdict>(stepsOf(expressions).at(0)).ending;
    };
    EXPECT_EQ(ending(kAccept), Ending::Accept);
    EXPECT_EQ(ending(kDrop), Ending::Drop);
    EXPECT_EQ(ending(expression("reject", {})), Ending::Drop);
    EXPECT_EQ(ending(expression("fwd", {})), Ending::Drop);
    EXPECT_EQ(ending(verdict(NFT_RETURN)), Ending::Return);
    EXPECT_EQ(ending(verdict(NFT_JUMP, "x")), Ending::Jump);
    EXPECT_EQ(ending(verdict(NFT_GOTO, "x")), Ending::Goto);
    EXPECT_EQ(ending(verdict(NF_QUEUE)), Ending::Unknown);
    EXPECT_EQ(ending(expression("queue", {})), Ending::Unknown);
    EXPECT_EQ(ending(expression("synproxy", {})), Ending::Unknown);
    EXPECT_TRUE(stepsOf(verdict(NFT_CONTINUE)).empty());
}

TEST(NftRules, Translate) {
    const auto translation = [](const Octets& expressions) {
        return std::get<Translation>(stepsOf(kIpv4 + expressions).back());
    };
    const auto nat = [](int type, const Octets& more) {
        return expression(
            "nat", number(NFTA_NAT_TYPE, type) + number(NFTA_NAT_FAMILY, NFPROTO_IPV4) + more);
    };
    const Octets address = constant(ip("192.168.1.2"), slot(0)) +
                           constant(ip("192.168.1.3"), slot(1)) + constant(port(8080), slot(2));
    const auto first = number(NFTA_NAT_REG_ADDR_MIN, slot(0));
    const auto proto = number(NFTA_NAT_REG_PROTO_MIN, slot(2));

    const Translation dnat = translation(address + nat(NFT_NAT_DNAT, first + proto));
    EXPECT_EQ(dnat.kind, Translating::Destination);
    EXPECT_EQ(dnat.address, IpAddress{parseIpv4Address("192.168.1.2").value()});
    EXPECT_EQ(dnat.port, Port{8080});
    EXPECT_FALSE(dnat.unknownTarget);

    const Translation several =
        translation(address + nat(NFT_NAT_DNAT, first + number(NFTA_NAT_REG_ADDR_MAX, slot(1))));
    EXPECT_TRUE(several.unknownTarget);
    EXPECT_TRUE(translation(nat(NFT_NAT_DNAT, first)).unknownTarget);

    EXPECT_EQ(translation(address + nat(NFT_NAT_SNAT, first)).kind, Translating::Source);
    EXPECT_EQ(translation(expression("masq", {})).kind, Translating::Masquerade);
    const Translation redirect =
        translation(address + expression("redir", number(NFTA_REDIR_REG_PROTO_MIN, slot(2))));
    EXPECT_EQ(redirect.kind, Translating::Redirect);
    EXPECT_EQ(redirect.port, Port{8080});
}

TEST(NftRules, TranslateTheirFamilyAlone) {
    const auto steps = stepsOf(expression(
        "nat", number(NFTA_NAT_TYPE, NFT_NAT_DNAT) + number(NFTA_NAT_FAMILY, NFPROTO_IPV6)));
    EXPECT_EQ(matches(aPacket(), steps.at(0)), Truth::No);
    EXPECT_EQ(matches(aPacket6(), steps.at(0)), Truth::Yes);
}

TEST(NftRules, AreReadWhereTheyAreCutShort) {
    const Octets rule = kIpv4 + network(12, 4) + bits(ip("255.0.0.0"), kZero) +
                        cmp(ip("80.0.0.0")) + lookup("__set0") + kAccept;
    for (std::size_t size = 0; size < rule.size(); ++size)
        EXPECT_THAT(stepsOf(rule.substr(0, size)),
                    testing::Not(testing::Contains(VariantWith<Verdict>(testing::_))));
}

}  // namespace
}  // namespace igd::inspect
