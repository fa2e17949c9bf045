// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign_forwards.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace igd::firewall {
namespace {

using inspect::Base;
using inspect::Chain;
using inspect::Comparison;
using inspect::Field;
using inspect::Hook;
using inspect::Kind;
using inspect::Ruleset;
using inspect::Step;
using inspect::Translating;
using inspect::Translation;
using inspect::wordOf;
using inspect::wordOfName;

constexpr std::uint64_t kTcp = 6;
const std::array kOutside{UplinkSide{.interface = test::kWan}};

/// A nat chain that leads `port` of TCP to a host.
Ruleset leading(std::uint16_t port, std::optional<Port> to = Port{8080}) {
    Ruleset rules;
    Chain& chain = rules.chains[rules.idOf(Kind::Nft, "inet", "site", "pre")];
    chain.base = Base{.hook = Hook::Prerouting, .priority = -100, .translates = true};
    const std::array<Step, 3> steps{
        Comparison{.field = Field::TransportProtocol, .first = wordOf(kTcp), .last = wordOf(kTcp)},
        Comparison{.field = Field::DestinationPort, .first = wordOf(port), .last = wordOf(port)},
        Translation{.kind = Translating::Destination,
                    .port = to,
                    .address = parseIpv4Address("192.168.50.2").value()}};
    chain.add(9, steps);
    return rules;
}

class ForeignForwardsTest : public testing::Test {
protected:
    ForeignForwards forwards;
};

TEST_F(ForeignForwardsTest, AreThoseOfEachExternalInterface) {
    const std::array both{UplinkSide{.interface = test::kWan},
                          UplinkSide{.interface = *InterfaceName::parse("wan1")}};
    Ruleset rules = leading(80);
    Chain& chain = rules.chains[0];
    const std::array<Step, 3> steps{
        Comparison{
            .field = Field::InInterface, .first = wordOfName("wan1"), .last = wordOfName("wan1")},
        Comparison{.field = Field::TransportProtocol, .first = wordOf(kTcp), .last = wordOf(kTcp)},
        Translation{.kind = Translating::Destination,
                    .port = Port{1},
                    .address = parseIpv4Address("192.168.50.3").value()}};
    chain.add(10, steps);
    forwards.judge(rules, kOutside);
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{81}));
    forwards.judge(rules, both);
    EXPECT_TRUE(forwards.find(Protocol::Tcp, Port{81}));
    EXPECT_TRUE(forwards.find(Protocol::Tcp, Port{80}));
}

TEST_F(ForeignForwardsTest, AreNamedByTheirRuleAndWhereItLeads) {
    forwards.judge(leading(80), kOutside);
    EXPECT_EQ(forwards.find(Protocol::Tcp, Port{80}), "inet site pre rule 1, to 192.168.50.2:8080");
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{79}));
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{81}));
    EXPECT_FALSE(forwards.find(Protocol::Udp, Port{80}));
    forwards.judge(leading(80, std::nullopt), kOutside);
    EXPECT_EQ(forwards.find(Protocol::Tcp, Port{80}), "inet site pre rule 1, to 192.168.50.2");
}

TEST_F(ForeignForwardsTest, KeepMappingsOfTheirPortsFromBeingLaid) {
    Rule his = test::aRule();
    his.protocol = Protocol::Tcp;
    his.externalPort = Port{80};
    const std::vector<Rule> both{his, test::aRule()};
    forwards.judge(leading(80), kOutside);
    EXPECT_EQ(forwards.toLay(both), both) << "where his are asked first whatever we lay";
    EXPECT_FALSE(forwards.yieldOthers());
    forwards.yield();
    EXPECT_EQ(forwards.toLay(both), std::vector{test::aRule()});
    EXPECT_FALSE(forwards.yieldOthers());
    forwards.judge(leading(81), kOutside);
    EXPECT_TRUE(forwards.yieldOthers());
    EXPECT_EQ(forwards.toLay(both), std::vector{test::aRule()}) << "until it is said again";
    forwards.yield();
    EXPECT_EQ(forwards.toLay(both), both);
    EXPECT_FALSE(forwards.yieldOthers());
}

TEST_F(ForeignForwardsTest, AreThoseOfTheLastJudgement) {
    forwards.judge(leading(80), kOutside);
    forwards.judge(leading(81), kOutside);
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{80}));
    EXPECT_TRUE(forwards.find(Protocol::Tcp, Port{81}));
    forwards.judge({}, kOutside);
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{81}));
}

TEST_F(ForeignForwardsTest, AreNotOurs) {
    Ruleset rules = leading(80);
    rules.chains[0].own = true;
    forwards.judge(rules, kOutside);
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{80}));
}

}  // namespace
}  // namespace igd::firewall
