// SPDX-License-Identifier: GPL-2.0-or-later
// Which flows end when rules change.
#include "conntrack/conntrack.h"

#include "rules.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aRule;
using test::kPeer;

const Flow kFlow{aRule().key, Ipv4Address{kPeer}, Port{4000}, aRule().internal};

Targets leadingTo(const Endpoint& internal, std::optional<Ipv4Address> remote = std::nullopt) {
    return {{aRule().key, {{internal, remote}}}};
}

TEST(Flows, EndWithTheirMapping) {
    EXPECT_TRUE(isOrphan(kFlow, leadingTo(aRule().internal), {}));
}

TEST(Flows, OfOthersStay) {
    Flow toAnotherHost = kFlow;
    toAnotherHost.internal.address = Ipv4Address{1};
    EXPECT_FALSE(isOrphan(toAnotherHost, leadingTo(aRule().internal), {}));
    Flow ofAnotherPort = kFlow;
    ofAnotherPort.key.externalPort = Port{1};
    EXPECT_FALSE(isOrphan(ofAnotherPort, leadingTo(aRule().internal), {}));
    Flow ofAnotherProtocol = kFlow;
    ofAnotherProtocol.key.protocol = Protocol::Tcp;
    EXPECT_FALSE(isOrphan(ofAnotherProtocol, leadingTo(aRule().internal), {}));
}

TEST(Flows, EndWhenTheMappingLeadsElsewhere) {
    EXPECT_TRUE(isOrphan(kFlow, leadingTo(aRule().internal), leadingTo({Ipv4Address{1}, Port{1}})));
}

TEST(Flows, StayWhenTheNewRuleLetsThemInToo) {
    EXPECT_FALSE(isOrphan(kFlow, leadingTo(aRule().internal),
                          leadingTo(aRule().internal, Ipv4Address{kPeer})));
    EXPECT_TRUE(
        isOrphan(kFlow, leadingTo(aRule().internal), leadingTo(aRule().internal, Ipv4Address{1})));
}

TEST(Flows, OfAnotherRemoteHostThanTheRulesAreNotItsFlows) {
    EXPECT_FALSE(isOrphan(kFlow, leadingTo(aRule().internal, Ipv4Address{1}), {}));
}

}  // namespace
}  // namespace igd::firewall
