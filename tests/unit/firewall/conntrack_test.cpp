// SPDX-License-Identifier: GPL-2.0-or-later
// The flows that end when rules change.
#include "conntrack/conntrack.h"

#include "rules.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aPinhole;
using test::aRule;
using test::kPeer;
using test::kRemote6;

const EntryPort kPort{aRule().protocol, aRule().externalPort};
const Ipv4Address kExternal{0x50646401};
const Flow kFlow{
    kPort.protocol, {Ipv4Address{kPeer}, Port{4000}}, {kExternal, kPort.port}, aRule().internal};

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
    ofAnotherPort.destination.port = Port{1};
    EXPECT_FALSE(isOrphan(ofAnotherPort, leadingTo(aRule().internal), {}));
    Flow ofAnotherProtocol = kFlow;
    ofAnotherProtocol.protocol = Protocol::Tcp;
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

TEST(Flows, OfAPinholeEndWithIt) {
    const IpEndpoint client = aPinhole().internal;
    const Flow flow{Protocol::Udp, {kRemote6, Port{4000}}, client, client};
    const EntryPort port{Protocol::Udp, client.port};
    EXPECT_TRUE(isOrphan(flow, {{port, {{client}}}}, {}));
    EXPECT_TRUE(isOrphan(flow, {{port, {{client, {{{kRemote6, 128}, Port{4000}}}}}}}, {}));
    EXPECT_FALSE(isOrphan(flow, {{port, {{client, {{{kRemote6, 128}, Port{1}}}}}}}, {}));
    EXPECT_FALSE(isOrphan(flow, {{port, {{client}}}}, {{port, {{client}}}}));
}

TEST(Flows, ThatTheAnswerToAnEndedOneBeginsAreKnownByBothEnds) {
    const FlowWork work{.answered = {{kFlow.protocol, kFlow.internal, kFlow.remote}}};
    Flow anew{kFlow.protocol, kFlow.internal, kFlow.remote, kFlow.remote};
    EXPECT_TRUE(isBegunAnew(anew, work));
    EXPECT_FALSE(isBegunAnew(kFlow, work)) << "the remote host has begun that one";
    anew.destination.port = Port{1};
    EXPECT_FALSE(isBegunAnew(anew, work)) << "the client speaks with another one";
    anew = {Protocol::Tcp, kFlow.internal, kFlow.remote, kFlow.remote};
    EXPECT_FALSE(isBegunAnew(anew, work));
}

TEST(Flows, ToTheRouterKeepPacketsFromANewMapping) {
    const FlowWork work{.granted = {kPort}, .own = {kExternal}};
    Flow flow = kFlow;
    flow.internal = flow.destination;
    EXPECT_TRUE(isKeptFromMapping(flow, work));
    EXPECT_FALSE(isKeptFromMapping(kFlow, work)) << "it is translated";
    EXPECT_FALSE(
        isKeptFromMapping(flow, {.granted = {{Protocol::Tcp, kPort.port}}, .own = {kExternal}}));
    flow.destination = flow.internal = {Ipv4Address{kPeer}, kPort.port};
    EXPECT_FALSE(isKeptFromMapping(flow, work)) << "of a host on the Internet";
}

TEST(Conntrack, AFlowToAnAddressThatOpeningsHaveLeftIsLeftBehind) {
    FlowWork work{.left = {kExternal}, .reached = {{kPort, {Target{kFlow.internal}}}}};
    EXPECT_TRUE(isLeftBehind(kFlow, work));
    Flow other = kFlow;
    other.destination.port = Port{1};
    EXPECT_FALSE(isLeftBehind(other, work)) << "a translation of the administrator's";
    other = kFlow;
    other.destination.address = Ipv4Address{kPeer};
    EXPECT_FALSE(isLeftBehind(other, work));
    work.own = {kExternal};
    EXPECT_FALSE(isLeftBehind(kFlow, work)) << "they are there again";
}

}  // namespace
}  // namespace igd::firewall
