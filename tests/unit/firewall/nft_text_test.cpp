// SPDX-License-Identifier: GPL-2.0-or-later
// The nft scripts, word for word.
#include "nft_text.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aRule;
using test::forRemote;
using test::kPeer;
using test::kWan;
using test::withComment;
using test::withTimeout;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(NftText, AddsAMappingAsOneElementOfMapAndSet) {
    EXPECT_EQ(
        deltaScript({{}, {withTimeout(withComment(aRule(), "xbox"), Seconds{3602})}}),
        "add element inet upnpd dnat4 { 17 . 3074 timeout 3602s comment \"xbox\" : 192.168.50.10 . 3075 }\n"
        "add element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074 timeout 3602s }\n");
}

TEST(NftText, KeysAMappingForARemoteHostByThatHostToo) {
    EXPECT_EQ(deltaScript({{}, {forRemote(aRule(), kPeer)}}),
              "add element inet upnpd dnat4_remote { 80.100.100.9 . 17 . 3074 : 192.168.50.10 . 3075 }\n"
              "add element inet upnpd forward4_remote { 80.100.100.9 . 192.168.50.10 . 17 . 3075 . 3074 }\n");
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

TEST(NftText, LaysTheTableAnewWithItsElementsInOneTransaction) {
    const std::vector rules{aRule(),
                            forRemote(Rule{{Protocol::Tcp, Port{80}}, {}, aRule().internal, {}, ""}, kPeer)};
    EXPECT_EQ(tableScript(kWan, -5, rules), R"(add table inet upnpd
delete table inet upnpd
table inet upnpd {
	comment "port mappings of upnpd"
	map dnat4 {
		type inet_proto . inet_service : ipv4_addr . inet_service
		flags timeout
		counter
	}
	map dnat4_remote {
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		flags timeout
		counter
	}
	set forward4 {
		type ipv4_addr . inet_proto . inet_service . inet_service
		flags timeout
	}
	set forward4_remote {
		type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service
		flags timeout
	}
	chain prerouting {
		type nat hook prerouting priority dstnat + 5; policy accept;
		iifname "wan0" fib daddr type local dnat ip to ip saddr . meta l4proto . th dport map @dnat4_remote
		iifname "wan0" fib daddr type local dnat ip to meta l4proto . th dport map @dnat4
	}
}
table inet upnpd {
	chain forward {
		type filter hook forward priority -5; policy accept;
		iifname "wan0" ct status dnat jump mapped
		oifname "wan0" ct status dnat jump mapped
	}
	chain mapped {
		meta l4proto { 1, 6, 17 } ct reply ip saddr . ct original protocol . ct reply proto-src . ct original proto-dst @forward4 meta mark set meta mark | 0x00800000
		meta l4proto { 1, 6, 17 } ct original ip saddr . ct reply ip saddr . ct original protocol . ct reply proto-src . ct original proto-dst @forward4_remote meta mark set meta mark | 0x00800000
	}
}
add element inet upnpd dnat4 { 17 . 3074 : 192.168.50.10 . 3075 }
add element inet upnpd dnat4_remote { 80.100.100.9 . 6 . 80 : 192.168.50.10 . 3075 }
add element inet upnpd forward4 { 192.168.50.10 . 17 . 3075 . 3074 }
add element inet upnpd forward4_remote { 80.100.100.9 . 192.168.50.10 . 6 . 3075 . 80 }
)");
}

TEST(NftText, MarksNoPacketsWhereNobodyWouldDropThem) {
    const std::string script = tableScript(kWan, std::nullopt, {});
    EXPECT_THAT(script, AllOf(StartsWith(deleteTableScript()), Not(HasSubstr("hook forward")),
                              Not(HasSubstr("meta mark set"))));
}

}  // namespace
}  // namespace igd::firewall
