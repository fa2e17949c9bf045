// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_gateway.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::string_view kFirewall = "urn:upnp-org:serviceId:WANIPv6Firewall1";

class Ipv6FirewallActions : public testing::Test {
protected:
    Ipv6FirewallActions() { caller.identity.profile.pinholes = true; }

    int add(std::string_view name = {}, std::string value = {}) {
        std::vector<ArgumentValue> arguments{
            {"RemoteHost", ""},       {"RemotePort", "0"}, {"InternalClient", "2001:db8::5"},
            {"InternalPort", "5000"}, {"Protocol", "6"},   {"LeaseTime", "3600"}};
        for (auto& [key, old] : arguments)
            if (key == name) old = value;
        const auto result = caller.call(kFirewall, "AddPinhole", arguments);
        return result ? 200 : result.error().code;
    }
    int of(std::string action, std::vector<ArgumentValue> more = {}) {
        more.insert(more.begin(), {"UniqueID", "7"});
        const auto result = caller.call(kFirewall, std::move(action), std::move(more));
        return result ? 200 : result.error().code;
    }

    Caller caller;
    FakeGateway& gateway = caller.gateway;
};

TEST_F(Ipv6FirewallActions, OpenAPinhole) {  // IGD-6FC-06, -09
    EXPECT_EQ(add(), 200);
    const PinholeRequest request = gateway.pinholes.at(0);
    EXPECT_EQ(request.key, (PinholeKey{.remoteHost = {},
                                       .remotePort = {},
                                       .client = *parseIpv6Address("2001:db8::5"),
                                       .internalPort = Port{5000},
                                       .protocol = Protocol::Tcp}));
    EXPECT_EQ(request.lease, Seconds{3600});
    EXPECT_EQ(request.requester, IpAddress{kAlice});
    for (const char* any : {"*", "::", ""}) EXPECT_EQ(add("RemoteHost", any), 200) << any;
    EXPECT_FALSE(gateway.pinholes.back().key.remoteHost);
    for (const char* client : {"[2001:db8::5]", "2001:db8::5%eth0"}) {
        EXPECT_EQ(add("InternalClient", client), 200) << client;
        EXPECT_EQ(gateway.pinholes.back().key.client, request.key.client);
    }
    EXPECT_EQ(add("RemoteHost", "2001:db8::9"), 200);
    EXPECT_TRUE(gateway.pinholes.back().key.remoteHost);
}

TEST_F(Ipv6FirewallActions, SayWhatIsWrongWithARequest) {  // IGD-6FC-11 to -16
    EXPECT_EQ(add("InternalPort", "0"), 706);
    EXPECT_EQ(add("Protocol", "65535"), 707);
    EXPECT_EQ(add("Protocol", "132"), 705);
    EXPECT_EQ(add("InternalClient", "*"), 708);
    EXPECT_EQ(add("InternalClient", "192.168.1.10"), 600);
    EXPECT_EQ(add("RemoteHost", "fe80::1%eth0"), 600);
    for (const char* lease : {"0", "86401"}) EXPECT_EQ(add("LeaseTime", lease), 601) << lease;
    for (const char* lease : {"1", "86400"}) EXPECT_EQ(add("LeaseTime", lease), 200) << lease;
    EXPECT_EQ(add("LeaseTime", "infinite"), 402);
    EXPECT_EQ(add("InternalPort", "x"), 402);
}

TEST_F(Ipv6FirewallActions, SayWhyNothingWasDone) {  // IGD-6FC-17, -22, -23, -28
    const std::pair<MappingError, int> codes[] = {{MappingError::NotAuthorized, 606},
                                                  {MappingError::QuotaExceeded, 701},
                                                  {MappingError::NotFound, 704}};
    for (const auto& [error, code] : codes) {
        gateway.refusal = error;
        EXPECT_EQ(add(), code);
        EXPECT_EQ(of("DeletePinhole"), code);
        EXPECT_EQ(of("UpdatePinhole", {{"NewLeaseTime", "60"}}), code);
        EXPECT_EQ(of("GetPinholePackets"), code);
        EXPECT_EQ(of("CheckPinholeWorking"), code);
    }
}

TEST_F(Ipv6FirewallActions, AreClosedWithTheFirewall) {  // IGD-6FC-03, -04
    gateway.present.inboundPinholeAllowed = false;
    EXPECT_EQ(add(), 703);
    gateway.present.firewallEnabled = false;
    EXPECT_EQ(add(), 702);
    EXPECT_EQ(of("DeletePinhole"), 702);
    EXPECT_EQ(of("UpdatePinhole", {{"NewLeaseTime", "60"}}), 702);
    EXPECT_EQ(of("GetPinholePackets"), 702);
    EXPECT_EQ(of("CheckPinholeWorking"), 702);
    EXPECT_THAT(*caller.call(kFirewall, "GetFirewallStatus"),
                ElementsAre(Pair("FirewallEnabled", "0"), Pair("InboundPinholeAllowed", "0")));
}

TEST_F(Ipv6FirewallActions, TellWhetherItWorks) {  // IGD-6FC-26, -27
    EXPECT_EQ(of("CheckPinholeWorking"), 709);
    gateway.packets = (1ULL << 32) + 5;
    EXPECT_THAT(*caller.call(kFirewall, "GetPinholePackets", {{"UniqueID", "7"}}),
                ElementsAre(Pair("PinholePackets", "5")));
    EXPECT_THAT(*caller.call(kFirewall, "CheckPinholeWorking", {{"UniqueID", "7"}}),
                ElementsAre(Pair("IsWorking", "1")));
}

}  // namespace
}  // namespace igd
