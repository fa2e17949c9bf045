// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/forward_plan.h"
#include "iptables/ip6t_entry.h"
#include "nft/nft_ruleset.h"
#include "nft/pinhole_table.h"

#include <gmock/gmock.h>

namespace igd::firewall {
namespace {

using testing::HasSubstr;
using testing::Not;

const Ipv6Address kClient = *parseIpv6Address("2001:db8::10");
const Ipv6Address kRemote = *parseIpv6Address("2001:db8:1::9");

PinholeRule rule(std::optional<Ipv6Address> host = std::nullopt,
                 std::optional<Port> port = std::nullopt, Seconds timeout = Seconds{60}) {
    return {{host, port, kClient, Port{5000}, Protocol::Udp}, timeout};
}

TEST(PinholeText, PutsEachIntoTheSetOfItsKind) {
    const auto text = [](const PinholeRule& one) { return pinholeFillScript({&one, 1}); };
    EXPECT_EQ(text(rule()),
              "add element ip6 upnpd pinholes { 2001:db8::10 . 17 . 5000 timeout 60s }\n");
    EXPECT_THAT(text(rule(kRemote)),
                HasSubstr("pinholes_host { 2001:db8:1::9 . 2001:db8::10 . 17 . 5000 "));
    EXPECT_THAT(text(rule(std::nullopt, Port{7})),
                HasSubstr("pinholes_port { 7 . 2001:db8::10 . 17 . 5000 "));
    EXPECT_THAT(text(rule(kRemote, Port{7})),
                HasSubstr("pinholes_host_port { 2001:db8:1::9 . 7 . 2001:db8::10 . 17 . 5000 "));
    EXPECT_THAT(text(rule({}, {}, Seconds{0})), HasSubstr("timeout 1s"));  // 0 would be for ever
}

TEST(PinholeText, RenewsInPlaceWhereTheKernelCan) {
    const PinholeDelta renewal{{rule()}, {rule({}, {}, Seconds{90})}};
    EXPECT_THAT(pinholeChangeScript(renewal, true), Not(HasSubstr("delete")));
    EXPECT_THAT(pinholeChangeScript({{rule()}, {rule()}}, true),
                HasSubstr("timeout 60s expires 60s"));
    EXPECT_THAT(pinholeChangeScript({{}, {rule()}}, true), Not(HasSubstr("expires")));
    EXPECT_THAT(pinholeChangeScript(renewal, false), HasSubstr("delete element"));
}

TEST(PinholeText, ReadsTheCounter) {
    EXPECT_EQ(
        packetsIn(
            "elements = { 2001:db8::10 . udp . 5000 counter packets 12 bytes 900 timeout 10s }"),
        12U);
    EXPECT_FALSE(packetsIn("elements = { 2001:db8::10 . udp . 5000 }"));
}

TEST(PinholeText, OpensAChainOfBothFamiliesForIpv6Alone) {
    NftChain chain;
    chain.family = "inet";
    chain.table = "filter";
    chain.name = "forward";
    InterfaceName external = *InterfaceName::parse("wan0");
    const FirewallConfig config{BackendChoice::Auto, external, {}};
    EXPECT_THAT(openScript(chain, config, kPinholeFamily),
                HasSubstr("forward meta nfproto ipv6 meta mark"));
    EXPECT_THAT(openScript(chain, config, kPinholeFamily), Not(HasSubstr("dnat")));
    EXPECT_THAT(openScript(chain, config, kMappingFamily), HasSubstr("ct status dnat"));
}

TEST(PinholeEntry, DiffersWithWhatItLeavesOpen) {
    const Entry any = pinholeAcceptEntry(rule().key);
    EXPECT_EQ(any, pinholeAcceptEntry(rule().key));
    EXPECT_NE(any, pinholeAcceptEntry(rule(kRemote).key));
    EXPECT_NE(any, pinholeAcceptEntry(rule(std::nullopt, Port{7}).key));
    EXPECT_NE(any, pinholeMarkEntry(rule().key));
    EXPECT_NE(pinholeOpeningEntry(), openingEntry());
}

}  // namespace
}  // namespace igd::firewall
