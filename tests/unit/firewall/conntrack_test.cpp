// SPDX-License-Identifier: GPL-2.0-or-later
// The flows that end when rules change.
#include "conntrack/conntrack.h"

#include "rules.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aRule;
using test::kPeer;

const MappedPort kPort{aRule().protocol, aRule().externalPort};
const Flow kFlow{kPort, {Ipv4Address{kPeer}, Port{4000}}, aRule().internal};

Targets leadingTo(const IpEndpoint& internal, std::vector<PeerFilter> filters = {}) {
    return {{kPort, {{internal, std::move(filters)}}}};
}

PeerFilter host(std::uint32_t address) {
    return {{mappedAddress(Ipv4Address{address}), 128}, Port{0}};
}

TEST(Flows, EndWithTheirMapping) {
    EXPECT_TRUE(isOrphan(kFlow, leadingTo(aRule().internal), {}));
}

TEST(Flows, OfOthersStay) {
    Flow toAnotherHost = kFlow;
    toAnotherHost.internal.address = Ipv4Address{1};
    EXPECT_FALSE(isOrphan(toAnotherHost, leadingTo(aRule().internal), {}));
    Flow ofAnotherPort = kFlow;
    ofAnotherPort.to.port = Port{1};
    EXPECT_FALSE(isOrphan(ofAnotherPort, leadingTo(aRule().internal), {}));
    Flow ofAnotherProtocol = kFlow;
    ofAnotherProtocol.to.protocol = Protocol::Tcp;
    EXPECT_FALSE(isOrphan(ofAnotherProtocol, leadingTo(aRule().internal), {}));
}

TEST(Flows, EndWhenTheMappingLeadsElsewhere) {
    EXPECT_TRUE(isOrphan(kFlow, leadingTo(aRule().internal),
                         leadingTo(IpEndpoint{Ipv4Address{1}, Port{1}})));
}

TEST(Flows, StayWhenTheNewRuleLetsThemInToo) {
    EXPECT_FALSE(
        isOrphan(kFlow, leadingTo(aRule().internal), leadingTo(aRule().internal, {host(kPeer)})));
    EXPECT_TRUE(
        isOrphan(kFlow, leadingTo(aRule().internal), leadingTo(aRule().internal, {host(1)})));
}

TEST(Flows, OfAnotherRemoteHostThanTheRulesAreNotItsFlows) {
    EXPECT_FALSE(isOrphan(kFlow, leadingTo(aRule().internal, {host(1)}), {}));
}

}  // namespace
}  // namespace igd::firewall
