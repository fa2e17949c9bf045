// SPDX-License-Identifier: GPL-2.0-or-later
// The nft scripts, word for word.
#include "nft/nft_elements.h"
#include "nft/nft_table.h"
#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace igd::firewall {
namespace {

using test::aPinhole;
using test::aRule;
using test::forRemote;
using test::kLan;
using test::kPeer;
using test::kWan;
using test::withComment;
using test::withFilters;
using test::withTimeout;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(NftText, FillsAMappingInMapAndSet) {
    const Rule rule = withTimeout(withComment(aRule(), "xbox"), Seconds{3602});
    EXPECT_EQ(fillScript({&rule, 1}),
              "add element inet upnpd dnat4 { 17 . 3074 timeout 3602s comment \"xbox\" : "
              "192.168.50.10 . 3075 }\n"
              "add element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074 timeout 3602s "
              "}\n");
}

TEST(NftText, WritesNetworksOfFiltersAndPinholes) {
    const PeerFilter network{{mappedAddress(Ipv4Address{0x50010000}), 112}, Port{9}};
    const Rule mapping = withFilters(aRule(), {network});
    EXPECT_THAT(fillScript({&mapping, 1}),
                HasSubstr("dnat4_net_port { 80.1.0.0/16 . 9 . 17 . 3074 : 192.168.50.10 . 3075 }"));
    const Rule pinhole =
        withFilters(aPinhole(), {{{*parseIpv6Address("2001:db8:1::"), 48}, Port{0}}});
    EXPECT_EQ(fillScript({&pinhole, 1}),
              "add element ip6 upnpd mapped { 2001:db8:1::/48 . 2001:db8::10 . 17 . 5000 timeout "
              "60s }\n");
}

TEST(NftText, FillsEachMapWithOneCommand) {
    Rule web = aRule();
    web.protocol = Protocol::Tcp;
    web.externalPort = Port{80};
    Rule other = forRemote(web, kPeer);
    other.externalPort = Port{81};
    const std::vector rules{aRule(), web, other};
    EXPECT_EQ(
        fillScript(rules),
        "add element inet upnpd dnat4 { 17 . 3074 : 192.168.50.10 . 3075,\n6 . 80 : 192.168.50.10 "
        ". 3075 }\n"
        "add element inet upnpd dnat4_remote { 80.100.100.9 . 6 . 81 : 192.168.50.10 . 3075 }\n"
        "add element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074,\n192.168.50.10 . 6 . "
        "3075 . 80 "
        "}\n"
        "add element inet upnpd forward4_remote { 80.100.100.9 . 192.168.50.10 . 6 . 3075 . 81 "
        "}\n");
}

TEST(NftText, MovesTheExternalAddress) {
    EXPECT_EQ(
        externalAddressScript(std::array{Ipv4Address{kPeer}}),
        "flush set inet upnpd external4\nadd element inet upnpd external4 { 80.100.100.9 }\n");
    EXPECT_EQ(externalAddressScript(std::array{Ipv4Address{kPeer}, Ipv4Address{0x50010203}}),
              "flush set inet upnpd external4\nadd element inet upnpd external4 { 80.100.100.9 }\n"
              "add element inet upnpd external4 { 80.1.2.3 }\n");
    EXPECT_EQ(externalAddressScript({}), "flush set inet upnpd external4\n");
}

TEST(NftText, LaysTheTableAnewInOneTransaction) {
    EXPECT_THAT(tableScript({kWan, {}, {}, std::nullopt}),
                AllOf(StartsWith(deleteTableScript("inet upnpd")), HasSubstr("hook prerouting"),
                      HasSubstr("hook postrouting"), Not(HasSubstr("unmark")),
                      Not(HasSubstr("meta mark set")), Not(HasSubstr("masquerade"))));
}

TEST(NftText, CountsPacketsWhereNobodyDropsThem) {
    EXPECT_THAT(tableScript({kWan, {kLan}, {}, std::nullopt}),
                AllOf(HasSubstr("hook forward priority -5;"), HasSubstr("@forward4  return\n"),
                      HasSubstr("@forward4_sets \n"),
                      HasSubstr("iifname \"lan0\" ct status dnat ct original ip daddr @external4 "
                                "goto mapped")));
}

TEST(NftText, MarksPacketsWhereSomebodyWouldDropThem) {
    EXPECT_THAT(
        tableScript({kWan, {}, {}, -5, 0x30}),
        AllOf(HasSubstr("hook forward priority -5; policy accept;\n\t\tmeta nfproto ipv4 meta mark "
                        "set meta mark & 0xffffffcf\n"),
              HasSubstr("@forward4 meta mark set meta mark | 0x00000030"),
              HasSubstr("@forward4_remote meta mark set meta mark | 0x00000030"),
              HasSubstr("hook postrouting priority mangle - 5; policy accept;\n\t\tmeta nfproto "
                        "ipv4 meta mark set meta mark & 0xffffffcf\n")));
}

TEST(NftText, HairpinsForEachInternalInterface) {
    EXPECT_THAT(
        tableScript({kWan, {kLan}, {Ipv4Address{kPeer}}, -5, 0x30}),
        AllOf(HasSubstr("iifname \"lan0\" ip daddr @external4 dnat ip to meta l4proto . th dport "
                        "map @dnat4"),
              HasSubstr("iifname \"lan0\" oifname \"lan0\" ct status dnat ct original ip daddr "
                        "@external4 masquerade"),
              HasSubstr(
                  "iifname \"lan0\" ct status dnat ct original ip daddr @external4 goto mapped"),
              HasSubstr("add element inet upnpd external4 { 80.100.100.9 }")));
}

TEST(NftText, LeadsAnswersByTheInterfaceTheyCameInOn) {
    const std::vector<UplinkSide> both{{kWan, {Ipv4Address{kPeer}}, 0x10},
                                       {*InterfaceName::parse("wan1"), {}, 0x20}};
    TableShape shape{kWan, {}, {}, std::nullopt, 0x30};
    shape.internal = {kLan};
    EXPECT_THAT(tableScript(shape), Not(HasSubstr("answer")));
    shape.uplinks = both;
    EXPECT_THAT(
        tableScript(shape),
        AllOf(HasSubstr("iifname { \"wan0\", \"wan1\" } ip daddr @external4"),
              HasSubstr("fib daddr oifname != { \"lan0\" } goto answer"),
              HasSubstr("ct original ip daddr 80.100.100.9 meta mark set meta mark & 0xffffffcf | "
                        "0x00000010\n"),
              Not(HasSubstr("0x00000020")),
              HasSubstr("hook forward priority -400; policy accept;\n\t\tmeta nfproto ipv4 meta "
                        "mark set meta mark & 0xffffffcf\n")));
    EXPECT_THAT(pinholeTableScript({kWan, -5, 1, both}),
                HasSubstr("iifname { \"wan0\", \"wan1\" } jump pinholes"));
}

TEST(NftText, RefusesToTakeUpWhatHasEnded) {
    EXPECT_THAT(tableScript({kWan, {}, {}, std::nullopt}),
                HasSubstr("oifname \"wan0\" ct state new ip saddr . tcp sport @ended4 tcp flags & "
                          "syn == 0x0 reject with tcp reset"));
    EXPECT_THAT(pinholeTableScript({kWan, -5, 1}), HasSubstr("ip6 saddr . tcp sport @ended tcp"));
}

}  // namespace
}  // namespace igd::firewall
