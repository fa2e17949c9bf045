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

using test::aRule;
using test::forRemote;
using test::kLan;
using test::kPeer;
using test::kWan;
using test::withComment;
using test::withTimeout;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string deltaScript(const RuleDelta& delta, bool renewsInPlace = false) {
    return changeScript({delta, {}, renewsInPlace});
}

TEST(NftText, AddsAMappingAsOneElementOfMapAndSet) {
    EXPECT_EQ(
        deltaScript({{}, {withTimeout(withComment(aRule(), "xbox"), Seconds{3602})}}),
        "add element inet upnpd dnat4 { 17 . 3074 timeout 3602s comment \"xbox\" : 192.168.50.10 . "
        "3075 }\n"
        "add element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074 timeout 3602s }\n");
}

TEST(NftText, KeysAMappingForARemoteHostByThatHostToo) {
    EXPECT_EQ(
        deltaScript({{}, {forRemote(aRule(), kPeer)}}),
        "add element inet upnpd dnat4_remote { 80.100.100.9 . 17 . 3074 : 192.168.50.10 . 3075 }\n"
        "add element inet upnpd forward4_remote { 80.100.100.9 . 192.168.50.10 . 17 . 3075 . 3074 "
        "}\n");
}

TEST(NftText, RemovesAMappingThatTheKernelMayHaveEndedAlready) {
    EXPECT_EQ(deltaScript({{withTimeout(withComment(aRule(), "xbox"), Seconds{60})}, {}}),
              "add element inet upnpd dnat4 { 17 . 3074 : 192.168.50.10 . 3075 }\n"
              "delete element inet upnpd dnat4 { 17 . 3074 }\n"
              "add element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074 }\n"
              "delete element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074 }\n");
}

TEST(NftText, ReplacesInOneScriptOldFirst) {
    Rule next = aRule();
    next.internal.port = Port{9};
    const std::string script = deltaScript({{aRule()}, {next}});
    EXPECT_LT(script.find("delete element inet upnpd dnat4 { 17 . 3074 }"),
              script.find("add element inet upnpd dnat4 { 17 . 3074 : 192.168.50.10 . 9 }"));
}

TEST(NftText, NeverWritesATimeoutOfZeroWhichMeansForEver) {
    EXPECT_THAT(deltaScript({{}, {withTimeout(aRule(), Seconds{0})}}), HasSubstr("timeout 1s"));
}

TEST(NftText, CleansACommentOfWhatCouldEndTheString) {
    EXPECT_EQ(nftComment("a\"; flush ruleset; \\\n\"b"), "a; flush ruleset; b");
    EXPECT_EQ(nftComment("\"\""), "");
    EXPECT_EQ(nftComment("gr\xc3\xbc\xc3\x9f\x80"), "gr\xc3\xbc\xc3\x9f");
}

TEST(NftText, CutsACommentAt128BytesBetweenTwoCharacters) {
    std::string umlauts;
    for (int i = 0; i < 100; ++i) umlauts += "\xc3\xbc";
    EXPECT_EQ(nftComment(umlauts), umlauts.substr(0, 128));
    EXPECT_EQ(nftComment("x" + umlauts).size(), 127U);
}

TEST(NftText, LendsTheExternalPortToFlowsThatTheClientBegins) {
    EXPECT_EQ(changeScript({{}, {{}, {aRule(), forRemote(aRule(), kPeer)}}}),
              "add element inet upnpd snat4 { 192.168.50.10 . 17 . 3075 : 3074 }\n"
              "add element inet upnpd snat4_remote { 80.100.100.9 . 192.168.50.10 . 17 . 3075 : "
              "3074 }\n");
}

TEST(NftText, RenewsInPlaceWhatDiffersInItsEndOnly) {
    const Rule old = withTimeout(aRule(), Seconds{60});
    const Rule now = withTimeout(aRule(), Seconds{90});
    EXPECT_THAT(deltaScript({{old}, {now}}, true), Not(HasSubstr("delete")));
    EXPECT_THAT(deltaScript({{old}, {now}}, true), HasSubstr("timeout 90s expires 90s"));
    EXPECT_THAT(deltaScript({{old}, {old}}, true), HasSubstr("timeout 60s expires 60s"));
    EXPECT_THAT(deltaScript({{}, {now}}, true), Not(HasSubstr("expires")));
    EXPECT_THAT(deltaScript({{old}, {now}}, false), HasSubstr("delete"));
    EXPECT_THAT(deltaScript({{old}, {now}}, false), Not(HasSubstr("expires")));
    EXPECT_THAT(deltaScript({{old}, {withComment(now, "another")}}, true), HasSubstr("delete"));
}

TEST(NftText, FillsEachMapWithOneCommand) {
    Rule web = aRule();
    web.protocol = Protocol::Tcp;
    web.externalPort = Port{80};
    Rule other = forRemote(web, kPeer);
    other.externalPort = Port{81};
    const std::vector rules{aRule(), web, other};
    EXPECT_EQ(
        fillScript(rules, {}),
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
                      HasSubstr("hook postrouting"), Not(HasSubstr("hook forward")),
                      Not(HasSubstr("meta mark set")), Not(HasSubstr("@external4"))));
}

TEST(NftText, MarksPacketsWhereSomebodyWouldDropThem) {
    EXPECT_THAT(tableScript({kWan, {}, {}, -5}),
                AllOf(HasSubstr("hook forward priority -5"), HasSubstr("@forward4 meta mark set"),
                      HasSubstr("@forward4_remote meta mark set")));
}

TEST(NftText, HairpinsForEachInternalInterface) {
    EXPECT_THAT(
        tableScript({kWan, {kLan}, {Ipv4Address{kPeer}}, -5}),
        AllOf(HasSubstr("iifname \"lan0\" ip daddr @external4 jump hairpin"),
              HasSubstr("oifname \"lan0\" meta mark & 0x00400000 == 0x00400000 masquerade"),
              HasSubstr("meta mark set meta mark & 0xffbfffff"),
              HasSubstr(
                  "iifname \"lan0\" ct status dnat ct original ip daddr @external4 jump mapped"),
              HasSubstr("add element inet upnpd external4 { 80.100.100.9 }")));
}

}  // namespace
}  // namespace igd::firewall
