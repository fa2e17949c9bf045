// SPDX-License-Identifier: GPL-2.0-or-later
#include "service_health.h"

#include "fakes.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const SocketName kGate{true, {ipv4("192.168.1.1"), Port{5000}}};
const SocketName kGate6{true, {ipv6("2001:db8::1"), Port{5000}}};
const SocketName kGroup{false, {ipv4("239.255.255.250"), Port{1900}}};
const SocketName kUnicast{false, {ipv4("192.168.1.1"), Port{1900}}};
const SocketName kControl{false, {ipv4("192.168.1.1"), Port{5351}}};
const SocketName kControlSink{false, {Ipv4Address{}, Port{5351}}};
const SocketName kControl6{false, {ipv6("2001:db8::1"), Port{5351}}};

class ServiceHealthTest : public testing::Test {
protected:
    [[nodiscard]] std::vector<ServiceHealth> health() const {
        return healthOf(lan_, configuration_);
    }

    Configuration configuration_{Settings{}, *InterfaceName::parse("wan0"), {kLan.interface}};
    FrontEnds::Served lan_{.interface = kLan.interface, .addresses = kLan.addresses};
};

TEST_F(ServiceHealthTest, TellsEachProtocolByFamily) {
    lan_.open = {kGate, kGate6, kGroup, kControl, kControlSink};
    lan_.problems = {{kControl6, "taken"}};
    EXPECT_THAT(health(), ElementsAre(ServiceHealth{"http", true, true},
                                      ServiceHealth{"ssdp", true, std::nullopt},
                                      ServiceHealth{"nat-pmp", true, std::nullopt},
                                      ServiceHealth{"pcp", true, false}));
}

TEST_F(ServiceHealthTest, ASocketThatAnswersNobodyServesNothing) {
    lan_.open = {kControlSink, kUnicast};
    EXPECT_THAT(health(), ElementsAre(ServiceHealth{"http", false, std::nullopt},
                                      ServiceHealth{"ssdp", false, std::nullopt},
                                      ServiceHealth{"nat-pmp", false, std::nullopt},
                                      ServiceHealth{"pcp", false, std::nullopt}));
}

TEST_F(ServiceHealthTest, OfIpv6AloneNothingElseIsMissed) {
    lan_.addresses.clear();
    lan_.addresses6 = kLan.addresses6;
    lan_.open = {kGate6, kControl6};
    EXPECT_THAT(health(), ElementsAre(ServiceHealth{"http", std::nullopt, true},
                                      ServiceHealth{"ssdp", std::nullopt, false},
                                      ServiceHealth{"pcp", std::nullopt, true}));
    EXPECT_EQ(protocolsOf(configuration_, {lan_}), "igd 1 (2 for who asks), pcp");
}

TEST_F(ServiceHealthTest, WhatIsSwitchedOffIsNotMissed) {
    configuration_.upnp = configuration_.natPmp = configuration_.pcp = false;
    EXPECT_THAT(health(), IsEmpty());
    EXPECT_EQ(protocolsOf(configuration_, {lan_}), "no protocol");
}

TEST_F(ServiceHealthTest, NoProtocolIsClaimedThatNobodyServes) {
    lan_.open = {kGate, kGroup};
    lan_.problems = {{kControl, "taken"}};
    EXPECT_EQ(protocolsOf(configuration_, {lan_}), "igd 1 (2 for who asks)");
    FrontEnds::Served other = lan_;
    other.open.push_back(kControl);
    EXPECT_EQ(protocolsOf(configuration_, {lan_, other}), "igd 1 (2 for who asks), nat-pmp, pcp");
    lan_.addresses.clear();
    EXPECT_EQ(protocolsOf(configuration_, {lan_}), "igd 1 (2 for who asks), nat-pmp, pcp")
        << "it waits for its address";
}

}  // namespace
}  // namespace igd
