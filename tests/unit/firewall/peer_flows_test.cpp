// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/peer_flows.h"

#include "fake_flows.h"
#include "rules.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::aFlow;
using test::aPinhole;
using test::FakeFlows;
using test::kRemote6;
using test::withTimeout;

Rule onPort(std::uint16_t internal, std::uint16_t external) {
    Rule rule = aFlow();
    rule.internal.port = Port{internal};
    rule.externalPort = Port{external};
    return rule;
}

class PeerFlowsTest : public testing::Test {
protected:
    FakeFlows kernel;
    PeerFlows flows{kernel};
    const FlowKey key = flowOf(aFlow());
};

TEST_F(PeerFlowsTest, KnowTheirEnds) {
    EXPECT_EQ(toString(key.client), "192.168.50.10:6000");
    EXPECT_EQ(toString(key.remote), "80.100.100.9:53");
    Rule ipv6 = aPinhole();
    ipv6.remote = PeerFilter{{kRemote6, 128}, Port{53}};
    EXPECT_EQ(toString(flowOf(ipv6).remote), "[2001:db8:1::9]:53");
}

TEST_F(PeerFlowsTest, AreMadeWhereThereIsNone) {
    ASSERT_TRUE(flows.apply({{}, {aFlow()}}));
    EXPECT_EQ(toString(kernel.flows.at(key).external), "80.1.2.3:7000");
    EXPECT_EQ(kernel.flows.at(key).timeout, Seconds{100});
}

TEST_F(PeerFlowsTest, AreKeptAsTheyAreAndNeverShortened) {
    const IpEndpoint external{Ipv4Address{0x50010203}, Port{61000}};
    kernel.flows[key] = {external, Seconds{30}};
    ASSERT_TRUE(flows.apply({{}, {aFlow()}}));
    EXPECT_EQ(kernel.flows.at(key).external, external);
    EXPECT_EQ(kernel.flows.at(key).timeout, Seconds{100});
    ASSERT_TRUE(flows.apply({{aFlow()}, {withTimeout(aFlow(), Seconds{7})}}));
    EXPECT_EQ(kernel.flows.at(key).timeout, Seconds{100});
}

TEST_F(PeerFlowsTest, AreMadeAgainByARefreshWhenTheyAreGone) {
    ASSERT_TRUE(flows.apply({{aFlow()}, {aFlow()}}));
    EXPECT_TRUE(kernel.flows.contains(key));
}

TEST_F(PeerFlowsTest, EndWithTheirRule) {
    kernel.flows[key] = {};
    ASSERT_TRUE(flows.apply({{aFlow()}, {}}));
    EXPECT_TRUE(kernel.flows.empty());
    EXPECT_TRUE(flows.apply({{aFlow()}, {}})) << "it is gone already";
}

TEST_F(PeerFlowsTest, ChangeAllOrNothing) {
    kernel.taken = Port{9};
    kernel.flows[key] = {{Ipv4Address{1}, Port{2}}, Seconds{3}};
    const auto result = flows.apply({{aFlow()}, {onPort(6001, 8), onPort(6002, 9)}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), MappingError::Conflict);
    EXPECT_EQ(kernel.flows.size(), 1U);
    EXPECT_EQ(kernel.flows.at(key).external.port, Port{2});
}

TEST_F(PeerFlowsTest, MakeWayForOneAnother) {
    ASSERT_TRUE(flows.apply({{}, {onPort(6001, 8)}}));
    ASSERT_TRUE(flows.apply({{onPort(6001, 8)}, {onPort(6002, 8)}}));
    EXPECT_EQ(kernel.flows.size(), 1U);
}

TEST_F(PeerFlowsTest, AreHeldAsFarAsPossibleWhenAllIsLaidAgain) {
    kernel.taken = Port{9};
    ASSERT_TRUE(flows.apply({{}, {onPort(6001, 8)}}));
    flows.replaceAll(std::vector{onPort(6002, 9), aFlow()});
    EXPECT_EQ(kernel.flows.size(), 1U);
    EXPECT_TRUE(kernel.flows.contains(key));
}

TEST_F(PeerFlowsTest, OfClientsThemselvesGoOnWhenTheDaemonStops) {
    kernel.flows[key] = {};
    ASSERT_TRUE(flows.apply({{}, {aFlow(), onPort(6001, 8)}}));
    flows.removeAll();
    EXPECT_EQ(kernel.flows.size(), 1U);
    EXPECT_TRUE(kernel.flows.contains(key));
}

}  // namespace
}  // namespace igd::firewall
