// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/lan.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

Lan wide() {
    Lan lan = kLan;
    lan.addresses.push_back(*parseIpv4Prefix("192.168.2.1/24"));
    lan.addresses6.push_back(filter("fd00::1/64").remote);
    lan.routed = {*parseIpv4Prefix("10.7.0.0/16")};
    lan.routed6 = {filter("2001:db8:7::/48").remote};
    return lan;
}

TEST(Lan, HasAllNetworksOfItsInterface) {
    for (const char* const address : {"192.168.1.7", "192.168.2.7", "192.168.2.1"})
        EXPECT_TRUE(wide().isOnLink(ipv4(address))) << address;
    for (const char* const address : {"2001:db8::7", "fd00::7", "fe80::7"})
        EXPECT_TRUE(wide().isOnLink(ipv6(address))) << address;
    EXPECT_FALSE(wide().isOnLink(ipv4("192.168.3.7")));
    EXPECT_FALSE(wide().isOnLink(ipv6("2001:db8:1::7")));
}

TEST(Lan, ContainsTheNetworksThatAreRoutedOverIt) {
    EXPECT_TRUE(wide().contains(ipv4("10.7.1.1")));
    EXPECT_FALSE(wide().isOnLink(ipv4("10.7.1.1"))) << "it is no neighbour";
    EXPECT_TRUE(wide().contains(ipv6("2001:db8:7:5::1")));
    EXPECT_FALSE(wide().isOnLink(ipv6("2001:db8:7:5::1")));
    EXPECT_FALSE(wide().contains(ipv4("10.8.0.1")));
    EXPECT_FALSE(wide().contains(ipv6("2001:db8:8::1")));
}

TEST(Lan, HasAFirstAddress) {
    EXPECT_EQ(wide().first(), IpAddress{ipv4("192.168.1.1")});
    Lan six = wide();
    six.addresses.clear();
    EXPECT_EQ(six.first(), IpAddress{ipv6("2001:db8::1")});
}

TEST(Lan, KnowsEachAddressOfTheRouter) {
    for (const char* const address : {"192.168.1.1", "192.168.2.1"})
        EXPECT_TRUE(wide().isRouter(ipv4(address))) << address;
    EXPECT_TRUE(wide().isRouter(ipv6("fd00::1")));
    EXPECT_FALSE(wide().isRouter(ipv4("192.168.1.10")));
    EXPECT_FALSE(wide().isRouter(ipv6("fd00::2")));
}

TEST(Lan, TellsHostsFromNetworkAndBroadcastAddresses) {
    for (const char* const address :
         {"192.168.1.0", "192.168.1.255", "192.168.1.1", "10.7.0.0", "10.7.255.255", "10.8.0.1"})
        EXPECT_FALSE(wide().isHost(ipv4(address))) << address;
    for (const char* const address : {"192.168.1.10", "192.168.2.254", "10.7.0.255"})
        EXPECT_TRUE(wide().isHost(ipv4(address))) << address;
    EXPECT_TRUE(wide().isHost(ipv6("fd00::7")));
    EXPECT_FALSE(wide().isHost(ipv6("fd00::1")));
}

TEST(Lan, OfTwoAddressesHasHostsAtBoth) {  // RFC 3021
    Lan lan = kLan;
    lan.addresses = {*parseIpv4Prefix("192.168.1.10/31")};
    EXPECT_TRUE(lan.isHost(ipv4("192.168.1.11")));
}

TEST(Lan, DescribesItself) {
    EXPECT_EQ(kLan.describe(), "192.168.1.1/24, 2001:db8::1/64");
}

TEST(Lans, FindTheNetworkOfAHost) {
    Lan other = kLan;
    other.addresses = {*parseIpv4Prefix("10.0.0.1/24")};
    other.addresses6.clear();
    const Lans lans{{other, kLan}, true};
    EXPECT_EQ(lans.of(kAlice.address), &lans.present[1]);
    EXPECT_EQ(lans.of(ipv4("10.0.0.5")), &lans.present[0]);
    EXPECT_EQ(lans.of(ipv4("10.0.1.5")), nullptr);
}

}  // namespace
}  // namespace igd
