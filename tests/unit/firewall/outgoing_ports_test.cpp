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

TEST(OutgoingPorts, AreLentByTheMapping) {
    OutgoingPorts ports;
    EXPECT_THAT(ports.apply({{}, {onPort(1)}}).add, ElementsAre(onPort(1)));
    const RuleDelta gone = ports.apply({{onPort(1)}, {}});
    EXPECT_THAT(gone.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(gone.add, IsEmpty());
}

TEST(OutgoingPorts, AreThoseOfTheOldestOfSeveralMappingsToOneEndpoint) {
    OutgoingPorts ports;
    (void)ports.apply({{}, {onPort(1)}});
    EXPECT_TRUE(ports.apply({{}, {onPort(2)}}).empty());
    EXPECT_TRUE(ports.apply({{}, {onPort(3)}}).empty());
    EXPECT_TRUE(ports.apply({{onPort(2)}, {}}).empty());
    const RuleDelta moved = ports.apply({{onPort(1)}, {}});
    EXPECT_THAT(moved.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(moved.add, ElementsAre(onPort(3)));
}

TEST(OutgoingPorts, KeepTheirPlaceWhenTheMappingIsRenewed) {
    OutgoingPorts ports;
    (void)ports.apply({{}, {onPort(1)}});
    (void)ports.apply({{}, {onPort(2)}});
    const Rule renewed = withTimeout(onPort(1), Seconds{9});
    const RuleDelta change = ports.apply({{onPort(1)}, {renewed}});
    EXPECT_THAT(change.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(change.add, ElementsAre(renewed));
    EXPECT_TRUE(ports.apply({{onPort(2)}, {withTimeout(onPort(2), Seconds{9})}}).empty());
}

TEST(OutgoingPorts, MoveWithAMappingThatLeadsElsewhere) {
    OutgoingPorts ports;
    (void)ports.apply({{}, {onPort(1)}});
    Rule elsewhere = onPort(1);
    elsewhere.internal.port = Port{9};
    const RuleDelta change = ports.apply({{onPort(1)}, {elsewhere}});
    EXPECT_THAT(change.remove, ElementsAre(onPort(1)));
    EXPECT_THAT(change.add, ElementsAre(elsewhere));
}

TEST(OutgoingPorts, AreLentByAMappingForOneRemoteHostToo) {
    OutgoingPorts ports;
    const Rule forOne = forRemote(onPort(1), kPeer);
    EXPECT_THAT(ports.apply({{}, {forOne}}).add, ElementsAre(forOne));
    EXPECT_TRUE(ports.apply({{}, {onPort(2)}}).empty()) << "it is the older one";
}

TEST(OutgoingPorts, AreKnownFromAllRules) {
    OutgoingPorts ports;
    const std::vector rules{onPort(1), onPort(2), onPort(3)};
    EXPECT_THAT(ports.reset(rules), ElementsAre(onPort(1)));
    EXPECT_THAT(ports.apply({{onPort(1)}, {}}).add, ElementsAre(onPort(2)));
}

}  // namespace
}  // namespace igd::firewall
