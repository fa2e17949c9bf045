// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/outgoing_ports.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aRule;
using test::forRemote;
using test::kPeer;
using test::withTimeout;
using testing::ElementsAre;
using testing::IsEmpty;

Rule onPort(std::uint16_t external) {
    Rule rule = aRule();
    rule.externalPort = Port{external};
    return rule;
}

RuleDelta done(OutgoingPorts& ports, const RuleDelta& rules) {
    const auto plan = ports.plan(rules);
    ports.commit(plan);
    return plan.delta();
}

TEST(OutgoingPorts, AreLentByTheMapping) {
    OutgoingPorts ports;
    EXPECT_THAT(done(ports, {{}, {onPort(1)}}).add, ElementsAre(onPort(1)));
    const RuleDelta gone = done(ports, {{onPort(1)}, {}});
    EXPECT_THAT(gone.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(gone.add, IsEmpty());
}

TEST(OutgoingPorts, AreThoseOfTheOldestOfSeveralMappingsToOneEndpoint) {
    OutgoingPorts ports;
    (void)done(ports, {{}, {onPort(1)}});
    EXPECT_TRUE(done(ports, {{}, {onPort(2)}}).empty());
    EXPECT_TRUE(done(ports, {{}, {onPort(3)}}).empty());
    EXPECT_TRUE(done(ports, {{onPort(2)}, {}}).empty());
    const RuleDelta moved = done(ports, {{onPort(1)}, {}});
    EXPECT_THAT(moved.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(moved.add, ElementsAre(onPort(3)));
}

TEST(OutgoingPorts, KeepTheirPlaceWhenTheMappingIsRenewed) {
    OutgoingPorts ports;
    (void)done(ports, {{}, {onPort(1)}});
    (void)done(ports, {{}, {onPort(2)}});
    const Rule renewed = withTimeout(onPort(1), Seconds{9});
    const RuleDelta change = done(ports, {{onPort(1)}, {renewed}});
    EXPECT_THAT(change.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(change.add, ElementsAre(renewed));
    EXPECT_TRUE(done(ports, {{onPort(2)}, {withTimeout(onPort(2), Seconds{9})}}).empty());
}

TEST(OutgoingPorts, MoveWithAMappingThatLeadsElsewhere) {
    OutgoingPorts ports;
    (void)done(ports, {{}, {onPort(1)}});
    Rule elsewhere = onPort(1);
    elsewhere.internal.port = Port{9};
    const RuleDelta change = done(ports, {{onPort(1)}, {elsewhere}});
    EXPECT_THAT(change.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(change.add, ElementsAre(elsewhere));
}

TEST(OutgoingPorts, OfAMappingForOneRemoteHostAreForThatHost) {
    OutgoingPorts ports;
    (void)done(ports, {{}, {onPort(1)}});
    EXPECT_THAT(done(ports, {{}, {forRemote(onPort(2), kPeer)}}).add,
                ElementsAre(forRemote(onPort(2), kPeer)));
}

TEST(OutgoingPorts, StayAsTheyWereWhenAPlanIsNotCarriedOut) {
    OutgoingPorts ports;
    (void)done(ports, {{}, {onPort(1)}});
    (void)ports.plan({{onPort(1)}, {}});
    EXPECT_THAT(done(ports, {{onPort(1)}, {}}).remove, ElementsAre(onPort(1)));
}

TEST(OutgoingPorts, AreKnownFromAllRules) {
    OutgoingPorts ports;
    const std::vector rules{onPort(1), onPort(2), forRemote(onPort(3), kPeer)};
    EXPECT_EQ(ports.reset(rules).size(), 2U);
    EXPECT_THAT(done(ports, {{onPort(1)}, {}}).add, ElementsAre(onPort(2)));
}

}  // namespace
}  // namespace igd::firewall
