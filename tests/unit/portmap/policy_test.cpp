// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/policy.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::HasSubstr;

Policy policyWith(std::vector<PermissionRule> rules) {
    PolicyConfig config;
    config.permissions = std::move(rules);
    return Policy{config};
}

PermissionRule rule(bool allow, const char* external, const char* client, const char* internal) {
    PermissionRule result;
    result.allow = allow;
    result.externalPorts = *parsePortRange(external);
    result.client = *parseIpv4Prefix(client);
    result.internalPorts = *parsePortRange(internal);
    result.origin = "upnpd.conf:7";
    return result;
}

std::optional<MappingError> errorOf(const std::optional<Refusal>& refusal) {
    return refusal ? std::optional{refusal->error} : std::nullopt;
}

TEST(Policy, LetsAHostMapForItself) {
    EXPECT_FALSE(Policy{{}}.refuses(requestOf(kAlice, udp(3074)), kLan));
}

TEST(Policy, RefusesAnotherHostUnlessThirdPartiesAreAllowed) {  // IGD-Access-01
    MappingRequest request = requestOf(kAlice, udp(3074));
    request.requester = kBob;
    EXPECT_EQ(errorOf(Policy{{}}.refuses(request, kLan)), MappingError::NotAuthorized);
    PolicyConfig config;
    config.allowThirdParty = true;
    EXPECT_FALSE(Policy{config}.refuses(request, kLan));
}

TEST(Policy, RefusesWhatIsNoHostOfTheLanEvenForThirdParties) {  // IGD-Access-07, -08
    PolicyConfig config;
    config.allowThirdParty = true;
    for (const char* client :
         {"192.168.1.1", "192.168.1.0", "192.168.1.255", "255.255.255.255", "80.100.100.1",
          "192.168.2.5", "127.0.0.1", "224.0.0.1", "0.0.0.0"}) {
        MappingRequest request = requestOf(kAlice, udp(3074));
        request.internal.address = address(client);
        EXPECT_EQ(errorOf(Policy{config}.refuses(request, kLan)), MappingError::NotAuthorized)
            << client;
    }
}

TEST(Policy, RefusesARequestThatDidNotComeFromTheLan) {
    MappingRequest request = requestOf(kAlice, udp(3074));
    request.requester = address("80.100.100.9");
    EXPECT_EQ(errorOf(Policy{{}}.refuses(request, kLan)), MappingError::NotAuthorized);
}

TEST(Policy, DrawsTheLineAt1024OnBothSides) {  // IGD-Access-03, -04, -05
    const Policy policy{{}};
    EXPECT_TRUE(policy.refuses(requestOf(kAlice, tcp(1023)), kLan));
    EXPECT_FALSE(policy.refuses(requestOf(kAlice, tcp(1024)), kLan));
    MappingRequest ssh = requestOf(kAlice, tcp(8080));
    ssh.internal.port = Port{22};
    EXPECT_EQ(errorOf(policy.refuses(ssh, kLan)), MappingError::NotAuthorized);
}

TEST(Policy, FollowsTheFirstLineThatMatches) {  // IGD-Access-15
    const Policy policy = policyWith(
        {rule(true, "80", "192.168.1.10", "80"), rule(false, "0-65535", "0.0.0.0/0", "0-65535")});
    EXPECT_FALSE(policy.refuses(requestOf(kAlice, tcp(80)), kLan));
    const auto refused = policy.refuses(requestOf(kBob, tcp(8080)), kLan);
    ASSERT_TRUE(refused);
    EXPECT_THAT(refused->reason, HasSubstr("upnpd.conf:7"));
}

TEST(Policy, DecidesByProtocolToo) {
    PermissionRule udpOnly = rule(false, "0-65535", "0.0.0.0/0", "0-65535");
    udpOnly.protocol = Protocol::Udp;
    EXPECT_TRUE(policyWith({udpOnly}).refuses(requestOf(kAlice, udp(3074)), kLan));
    EXPECT_FALSE(policyWith({udpOnly}).refuses(requestOf(kAlice, tcp(3074)), kLan));
}

TEST(Policy, DecidesByHardwareAddress) {
    constexpr MacAddress kOfAlice{{0, 0x11, 0x32, 1, 2, 3}};
    PolicyConfig config;
    config.permissions = {rule(false, "0-65535", "0.0.0.0/0", "0-65535")};
    config.permissions.front().mac = kOfAlice;
    const Policy policy{config, [&](const InterfaceName& interface, const IpAddress& host) {
                            EXPECT_EQ(interface, kLan.interface);
                            return host == IpAddress{kAlice} ? std::optional{kOfAlice}
                                                             : std::nullopt;
                        }};
    EXPECT_TRUE(policy.refuses(requestOf(kAlice, udp(3074)), kLan));
    EXPECT_FALSE(
        policy.refuses(requestOf(kBob, udp(3074)), kLan));  // and a host nobody knows is not Alice
}

TEST(Policy, SeesALineThatNeverDecides) {
    const auto all = rule(false, "1024-65535", "192.168.1.0/24", "0-65535");
    EXPECT_TRUE(covers(all, rule(true, "3074", "192.168.1.10", "3074")));
    EXPECT_TRUE(covers(all, all));
    EXPECT_FALSE(covers(all, rule(true, "80", "192.168.1.10", "3074")));
    EXPECT_FALSE(covers(all, rule(true, "3074", "192.168.0.0/16", "3074")));
    auto tcpOnly = all;
    tcpOnly.protocol = Protocol::Tcp;
    EXPECT_TRUE(covers(all, tcpOnly));
    EXPECT_FALSE(covers(tcpOnly, all));
    auto ofOne = rule(true, "3074", "0.0.0.0/0", "3074");
    ofOne.mac = MacAddress{};
    EXPECT_FALSE(covers(all, ofOne));  // that host may have an address of another network
    EXPECT_FALSE(covers(ofOne, rule(true, "3074", "0.0.0.0/0", "3074")));
}

TEST(Policy, KeepsRangesBelow1024ForThoseWhomALineLets) {  // IGD-DeleteRange-10, IGD-GetList-09
    const RangeRequest low{Protocol::Tcp, {Port{80}, Port{2000}}, false, kAlice};
    EXPECT_EQ(errorOf(Policy{{}}.refusesRange(low)), MappingError::NotAuthorized);
    const auto lets = policyWith({rule(true, "80", "192.168.1.10", "80")});
    EXPECT_FALSE(lets.refusesRange(low));
    EXPECT_FALSE(
        Policy{{}}.refusesRange({Protocol::Tcp, {Port{1024}, Port{65535}}, false, kAlice}));
}

TEST(Policy, KeepsTheOrdinaryPortsBehindTheLines) {
    EXPECT_FALSE(policyWith({rule(true, "80", "192.168.1.10", "80")})
                     .refuses(requestOf(kBob, tcp(8080)), kLan));
}

TEST(Policy, RefusesReservedPortsAsInUse) {  // IGD-Map-15
    PolicyConfig config;
    config.reservedPorts = {Port{5351}};
    EXPECT_EQ(errorOf(Policy{config}.refuses(requestOf(kAlice, udp(5351)), kLan)),
              MappingError::PortInUse);
}

TEST(Policy, CountsPerClientAndInTotal) {  // IGD-Map-16
    PolicyConfig config;
    config.mappingsPerClient = 2;
    config.mappingsTotal = 3;
    const Policy policy{config};
    EXPECT_FALSE(policy.refusesAnother(1, 2));
    EXPECT_EQ(errorOf(policy.refusesAnother(2, 2)), MappingError::QuotaExceeded);
    EXPECT_EQ(errorOf(policy.refusesAnother(0, 3)), MappingError::TableFull);
}

}  // namespace
}  // namespace igd
