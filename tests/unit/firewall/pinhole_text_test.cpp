// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/forward_plan.h"
#include "iptables/ip6t_entry.h"
#include "nft/nft_elements.h"
#include "nft/nft_ruleset.h"
#include "rules.h"

#include <gmock/gmock.h>

namespace igd::firewall {
namespace {

using testing::HasSubstr;
using testing::Not;

using test::aPinhole;
using test::forRemote;
using test::kRemote6;
using test::withComment;
using test::withFilters;
using test::withTimeout;

const PeerFilter kHost{{kRemote6, 128}, Port{0}};
const PeerFilter kPort{{Ipv6Address{}, 0}, Port{7}};
const PeerFilter kHostAndPort{{kRemote6, 128}, Port{7}};
const PeerFilter kNetwork{{*parseIpv6Address("2001:db8:1::"), 48}, Port{0}};

std::string fill(const Rule& rule) {
    return fillScript({&rule, 1});
}

TEST(PinholeText, PutsEachIntoTheSetOfItsKind) {
    EXPECT_EQ(fill(aPinhole()),
              "add element ip6 upnpd pinholes { 2001:db8::10 . 17 . 5000 timeout 60s }\n");
    EXPECT_THAT(fill(forRemote(aPinhole(), kHost)),
                HasSubstr("pinholes_host { 2001:db8:1::9 . 2001:db8::10 . 17 . 5000 "));
    EXPECT_THAT(fill(forRemote(aPinhole(), kPort)),
                HasSubstr("pinholes_port { 7 . 2001:db8::10 . 17 . 5000 "));
    EXPECT_THAT(fill(forRemote(aPinhole(), kHostAndPort)),
                HasSubstr("pinholes_host_port { 2001:db8:1::9 . 7 . 2001:db8::10 . 17 . 5000 "));
    EXPECT_THAT(fill(withTimeout(aPinhole(), Seconds{0})),
                HasSubstr("timeout 1s"));  // 0 would be for ever
}

TEST(PinholeText, HasAnElementForEachFilter) {
    EXPECT_EQ(fill(withComment(withFilters(aPinhole(), {kNetwork, kHostAndPort}), "a \"host\"")),
              "add element ip6 upnpd mapped { 2001:db8:1::/48 . 2001:db8::10 . 17 . 5000 timeout "
              "60s comment \"a host\" }\n"
              "add element ip6 upnpd mapped_port { 2001:db8:1::9/128 . 7 . 2001:db8::10 . 17 . "
              "5000 timeout 60s comment \"a host\" }\n");
    EXPECT_EQ(pinholeQueries(withFilters(aPinhole(), {kNetwork, kHostAndPort})).size(), 2U);
}

TEST(PinholeText, RenewsInPlaceWhereTheKernelCan) {
    const RuleDelta renewal{{aPinhole()}, {withTimeout(aPinhole(), Seconds{90})}};
    const auto change = [](const RuleDelta& delta, bool inPlace) {
        return changeScript({delta, {}, inPlace});
    };
    EXPECT_THAT(change(renewal, true), Not(HasSubstr("delete")));
    EXPECT_THAT(change({{aPinhole()}, {aPinhole()}}, true), HasSubstr("timeout 60s expires 60s"));
    EXPECT_THAT(change({{}, {aPinhole()}}, true), Not(HasSubstr("expires")));
    EXPECT_THAT(change(renewal, false), HasSubstr("delete element"));
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
    const Entry any = pinholeAcceptEntry(aPinhole());
    EXPECT_EQ(any, pinholeAcceptEntry(aPinhole()));
    EXPECT_NE(any, pinholeAcceptEntry(forRemote(aPinhole(), kHost)));
    EXPECT_NE(any, pinholeAcceptEntry(forRemote(aPinhole(), kPort)));
    EXPECT_NE(any, pinholeMarkEntry(aPinhole()));
    EXPECT_NE(pinholeOpeningEntry(), openingEntry());
}

TEST(PinholeEntry, IsTheSameForOneRemoteHostHoweverItIsNamed) {
    EXPECT_EQ(pinholeAcceptEntry(forRemote(aPinhole(), kHost)),
              pinholeAcceptEntry(withFilters(aPinhole(), {kHost})));
    EXPECT_NE(pinholeAcceptEntry(withFilters(aPinhole(), {kHost})),
              pinholeAcceptEntry(withFilters(aPinhole(), {kNetwork})));
}

}  // namespace
}  // namespace igd::firewall
