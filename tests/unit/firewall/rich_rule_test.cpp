// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/rich_rule.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aPinhole;
using test::aRule;
using test::forRemote;
using test::kPeer;
using test::withFilters;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kForward =
    R"(forward-port port="3074" protocol="udp" to-port="3075" to-addr="192.168.50.10")";

PeerFilter filter(const char* text) {
    return parsePeerFilter(text).value();
}

TEST(RichRules, AcceptPacketsOfAPinhole) {
    EXPECT_THAT(richRulesOf(aPinhole()),
                ElementsAre(R"(rule family="ipv6" destination address="2001:db8::10/128" )"
                            R"(port port="5000" protocol="udp" accept)"));
}

TEST(RichRules, AcceptAllPacketsOfAProtocolWithoutAPort) {
    Rule rule = aPinhole();
    rule.internal.port = Port{0};
    rule.protocol = Protocol::Esp;
    EXPECT_THAT(richRulesOf(rule),
                ElementsAre(R"(rule family="ipv6" destination address="2001:db8::10/128" )"
                            R"(protocol value="esp" accept)"));
}

TEST(RichRules, TranslateAMapping) {
    EXPECT_THAT(richRulesOf(aRule()), ElementsAre(R"(rule family="ipv4" )" + kForward));
}

TEST(RichRules, HaveTheFirstAndLastPortOfASet) {  // PCP-SET-10, 12
    EXPECT_THAT(richRulesOf(test::aSet(4000, 4000, 256)),
                ElementsAre(R"(rule family="ipv4" forward-port port="4000-4255" protocol="udp" )"
                            R"(to-port="4000-4255" to-addr="192.168.50.10")"));
    Rule pinhole = aPinhole();
    pinhole.portCount = 16;
    EXPECT_THAT(richRulesOf(pinhole),
                ElementsAre(R"(rule family="ipv6" destination address="2001:db8::10/128" )"
                            R"(port port="5000-5015" protocol="udp" accept)"));
    const auto moved = richRulesOf(test::aSet(41000, 4000, 3));
    ASSERT_EQ(moved.size(), 3U) << "firewalld's ranges are not moved port by port";
    EXPECT_EQ(moved[2],
              R"(rule family="ipv4" forward-port port="41002" protocol="udp" to-port="4002" )"
              R"(to-addr="192.168.50.10")");
}

TEST(RichRules, NameTheRemoteHost) {
    EXPECT_THAT(richRulesOf(forRemote(aRule(), kPeer)),
                ElementsAre(R"(rule family="ipv4" source address="80.100.100.9/32" )" + kForward));
    EXPECT_THAT(richRulesOf(forRemote(aPinhole(), filter("2001:db8:1::9/48"))),
                ElementsAre(R"(rule family="ipv6" source address="2001:db8:1::/48" )"
                            R"(destination address="2001:db8::10/128" )"
                            R"(port port="5000" protocol="udp" accept)"));
}

TEST(RichRules, AreOneForEachRemoteNetwork) {
    const Rule rule = withFilters(aRule(), {filter("80.1.2.3/24"), filter("80.7.0.0/16")});
    EXPECT_THAT(richRulesOf(rule),
                ElementsAre(R"(rule family="ipv4" source address="80.1.2.0/24" )" + kForward,
                            R"(rule family="ipv4" source address="80.7.0.0/16" )" + kForward));
}

TEST(RichRules, NameNoRemoteHostWhenItIsAnyOne) {
    const Rule rule = withFilters(aRule(), {filter("0.0.0.0/0")});
    EXPECT_THAT(richRulesOf(rule), ElementsAre(R"(rule family="ipv4" )" + kForward));
    EXPECT_EQ(richRulesOf(withFilters(aPinhole(), {filter("::/0")})), richRulesOf(aPinhole()));
}

/// A rule that leaves the port out would let more pass than was asked for.
TEST(RichRules, HaveNoWordsForTheRemotePort) {
    EXPECT_THAT(richRulesOf(forRemote(aPinhole(), filter("2001:db8:1::9/128@53"))), IsEmpty());
    EXPECT_THAT(
        richRulesOf(withFilters(aRule(), {filter("80.1.2.3/24"), filter("80.7.0.0/16@53")})),
        IsEmpty());
}

}  // namespace
}  // namespace igd::firewall
