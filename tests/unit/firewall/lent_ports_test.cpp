// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/lent_ports.h"

#include "fake_flows.h"
#include "rules.h"

#include <gtest/gtest.h>

#include <array>

namespace igd::firewall {
namespace {

using test::aRule;
using test::FakeFlows;
using test::withTimeout;

constexpr Ipv4Address kExternal{0x50646401};
constexpr Ipv4Address kOther{0x50646402};

Rule leadingTo(std::uint16_t internal) {
    Rule rule = aRule();
    rule.internal.port = Port{internal};
    return rule;
}

class LentPortsTest : public testing::Test {
protected:
    LentPortsTest() { ports.externalAddressIs(kExternal); }
    /// Returns the one flow that is held; a default one when there is another number of them.
    [[nodiscard]] OutgoingFlow held() const {
        return kernel.flows.size() == 1 ? kernel.flows.begin()->second : OutgoingFlow{};
    }

    FakeFlows kernel;
    LentPorts ports{kernel};
};

TEST_F(LentPortsTest, AreHeldByAFlowOfTheClient) {
    ports.apply({{}, {withTimeout(aRule(), Seconds{60})}});
    ASSERT_EQ(kernel.flows.size(), 1U);
    EXPECT_EQ(kernel.flows.begin()->first.client, aRule().internal);
    EXPECT_EQ(held().external, (IpEndpoint{kExternal, aRule().externalPort}));
    EXPECT_EQ(held().timeout, Seconds{60});
    ports.apply({{withTimeout(aRule(), Seconds{60})}, {}});
    EXPECT_TRUE(kernel.flows.empty());
}

TEST_F(LentPortsTest, AreThoseOfASetWhereItIsMoved) {
    ports.apply({{}, {test::aSet(4000, 4000, 16)}});
    EXPECT_TRUE(kernel.flows.empty());
    const Rule moved = test::aSet(41000, 5000, 3);
    ports.apply({{}, {moved}});
    ASSERT_EQ(kernel.flows.size(), 3U);
    const auto& [key, last] = *kernel.flows.rbegin();
    EXPECT_EQ(key.client.port, Port{5002});
    EXPECT_EQ(last.external.port, Port{41002});
    ports.apply({{moved}, {}});
    EXPECT_TRUE(kernel.flows.empty());
}

TEST_F(LentPortsTest, NeedNoFlowWhereTheKernelKeepsThePort) {
    ports.apply({{}, {leadingTo(aRule().externalPort.value)}});
    EXPECT_TRUE(kernel.flows.empty());
}

TEST_F(LentPortsTest, AreKeptForARenewalAndMadeAgainWhenTheyAreGone) {
    ports.apply({{}, {aRule()}});
    ports.apply({{aRule()}, {withTimeout(aRule(), Seconds{90})}});
    EXPECT_EQ(held().timeout, Seconds{90});
    kernel.flows.clear();
    ports.apply({{withTimeout(aRule(), Seconds{90})}, {withTimeout(aRule(), Seconds{80})}});
    EXPECT_EQ(held().timeout, Seconds{80});
}

TEST_F(LentPortsTest, ChangeHandsWithTheirMapping) {
    Rule second = aRule();
    second.externalPort = Port{40000};
    ports.apply({{}, {aRule(), second}});
    ports.apply({{aRule()}, {}});
    EXPECT_EQ(held().external.port, Port{40000});
    Rule straight = leadingTo(40000);
    straight.externalPort = second.externalPort;
    ports.apply({{second}, {straight}});
    EXPECT_TRUE(kernel.flows.empty());
}

TEST_F(LentPortsTest, TakeTheEndThatAnEarlierRunHasLeft) {
    ports.apply({{}, {aRule()}});
    kernel.flows.begin()->second.external.port = Port{1};
    LentPorts next{kernel};
    next.externalAddressIs(kExternal);
    next.replaceAll(std::array{aRule()});
    EXPECT_EQ(held().external.port, aRule().externalPort);
    next.replaceAll({});
    EXPECT_TRUE(kernel.flows.empty());
}

TEST_F(LentPortsTest, MoveWithTheExternalAddress) {
    ports.apply({{}, {aRule()}});
    ports.externalAddressIs(kOther);
    EXPECT_EQ(held().external, (IpEndpoint{kOther, aRule().externalPort}));
    ports.externalAddressIs(std::nullopt);
    EXPECT_TRUE(kernel.flows.empty());
    ports.externalAddressIs(kExternal);
    EXPECT_EQ(held().external, (IpEndpoint{kExternal, aRule().externalPort}));
}

TEST_F(LentPortsTest, AreNobodysFaultWhenTheyCannotBeLent) {
    kernel.taken = aRule().externalPort;
    ports.apply({{}, {aRule()}});
    EXPECT_TRUE(kernel.flows.empty());
    ports.apply({{aRule()}, {}});
}

}  // namespace
}  // namespace igd::firewall
