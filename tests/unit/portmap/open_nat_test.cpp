// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/open_nat.h"

#include "samples.h"

#include "upnpd/portmap/policy.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

const OpenNatHost kConsole{Ipv4Prefix{parseIpv4Address("192.168.1.40").value(), 32}};
const OpenNatHost kNetwork{Ipv4Prefix{parseIpv4Address("192.168.1.77").value(), 24}};
const OpenNatHost kHardware{parseMacAddress("02:00:00:00:00:40").value()};

PermissionRule line(bool allow, PortRange ports, ClientPattern client,
                    std::optional<Protocol> protocol = std::nullopt) {
    return {.allow = allow,
            .externalPorts = ports,
            .client = client,
            .internalPorts = {Port{0}, Port{65535}},
            .protocol = protocol,
            .origin = "upnpd.conf:1"};
}

std::string portsOf(const OpenNatHost& host, std::vector<PermissionRule> lines) {
    PolicyConfig config;
    config.openNat = {host};
    config.permissions = std::move(lines);
    return portsText(openNatOf(config).front().ports);
}

constexpr PortRange kAll{Port{0}, Port{65535}};
constexpr PortRange kSome{Port{3000}, Port{3999}};
ClientPattern network(const char* text) {
    return parseIpv4Prefix(text).value();
}

TEST(OpenNat, HoldsUnprivilegedPortsThatAreNotReserved) {
    for (const OpenNatHost& host : {kConsole, kNetwork, kHardware})
        EXPECT_EQ(portsOf(host, {}), "1024-1899, 1901-5349, 5352-65535");
    EXPECT_TRUE(openNatOf({}).empty());
}

TEST(OpenNat, TheFirstLineThatIsAboutTheHostDecides) {
    EXPECT_EQ(portsOf(kConsole, {line(true, kSome, AnyClient{}), line(false, kAll, AnyClient{})}),
              "3000-3999");
    EXPECT_EQ(portsOf(kConsole, {line(false, kAll, AnyClient{}), line(true, kSome, AnyClient{})}),
              "none");
    EXPECT_EQ(portsOf(kConsole, {line(true, {Port{500}, Port{500}}, network("192.168.1.40/32")),
                                 line(false, {Port{501}, Port{65535}}, AnyClient{})}),
              "500");
}

TEST(OpenNat, LinesForTcpCountForNothing) {
    EXPECT_EQ(portsOf(kConsole, {line(false, kAll, AnyClient{}, Protocol::Tcp)}),
              portsOf(kConsole, {}));
    EXPECT_EQ(portsOf(kConsole, {line(false, kAll, AnyClient{}, Protocol::Udp)}), "none");
}

TEST(OpenNat, APortIsPermittedAsExternalAndInternalPort) {
    PermissionRule some = line(true, kAll, AnyClient{});
    some.internalPorts = kSome;
    EXPECT_EQ(portsOf(kConsole, {some, line(false, kAll, AnyClient{})}), "3000-3999");
}

TEST(OpenNat, ANetworkHasWhatIsPermittedToEachOfItsHosts) {
    const auto denyRest = line(false, kAll, AnyClient{});
    const auto allowOne = line(true, kSome, network("192.168.1.40/32"));
    const auto denyOne = line(false, kAll, network("192.168.1.40/32"));
    EXPECT_EQ(portsOf(kNetwork, {allowOne, denyRest}), "none");
    EXPECT_EQ(portsOf(kNetwork, {denyOne}), "none");
    EXPECT_EQ(portsOf(kNetwork, {line(true, kSome, network("192.168.0.0/16")), denyRest}),
              "3000-3999");
    EXPECT_EQ(portsOf(kNetwork, {line(false, kAll, network("192.168.2.0/24"))}),
              portsOf(kNetwork, {}));
}

TEST(OpenNat, HardwareAddressesAreAboutTheirOwnEntriesAlone) {
    const ClientPattern own = parseMacAddress("02:00:00:00:00:40").value();
    const ClientPattern other = parseMacAddress("02:00:00:00:00:41").value();
    EXPECT_EQ(portsOf(kHardware, {line(false, kAll, own)}), "none");
    EXPECT_EQ(portsOf(kHardware, {line(false, kAll, other)}), portsOf(kHardware, {}));
    EXPECT_EQ(portsOf(kConsole, {line(false, kAll, own)}), portsOf(kConsole, {}));
    EXPECT_EQ(portsOf(kHardware, {line(true, kSome, network("192.168.1.0/24")),
                                  line(false, kAll, AnyClient{})}),
              "3000-3999")
        << "it may have any address";
    EXPECT_EQ(portsOf(kHardware, {line(false, kAll, Ipv6Prefix{})}), portsOf(kHardware, {}));
}

TEST(OpenNat, IsWrittenAsInTheConfiguration) {
    EXPECT_EQ(toString(kConsole), "192.168.1.40");
    EXPECT_EQ(toString(kNetwork), "192.168.1.0/24");
    EXPECT_EQ(toString(kHardware), "mac:02:00:00:00:00:40");
}

}  // namespace
}  // namespace igd
