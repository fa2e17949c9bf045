// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/host.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(Host, IsKnownByAnAddressOrByItsHardwareAddress) {
    EXPECT_TRUE(isSameHost(kAlice, kAlice6));
    EXPECT_TRUE(isSameHost({kAlice.address}, {kAlice.address}));
    EXPECT_FALSE(isSameHost(kAlice, kBob));
    EXPECT_FALSE(isSameHost({kAlice.address}, {kBob.address}))
        << "two hosts of whom nothing is known are not one";
}

TEST(Host, HasAnAddressOfIpv4ForMappings) {
    const Ipv4Address low = ipv4("192.168.1.20");
    const Ipv4Address high = ipv4("192.168.1.30");
    const Host host{kAlice6.address, kAlice6.mac, {high, low}};
    EXPECT_EQ(overIpv4(host, {}), (Host{high, kAlice6.mac})) << "that one has answered";
    EXPECT_EQ(overIpv4(host, low), (Host{low, kAlice6.mac}));
    EXPECT_EQ(overIpv4(host, ipv4("192.168.1.40")), (Host{high, kAlice6.mac})) << "it is another's";
    EXPECT_EQ(overIpv4(kAlice, high), kAlice);
    EXPECT_EQ(overIpv4({kAlice6.address, kAlice6.mac}, high), (Host{kAlice6.address, kAlice6.mac}));
}

TEST(Account, IsTheHardwareAddressOfAHostThatHasOne) {
    EXPECT_EQ(accountOf(kAlice), accountOf(kAlice6));
    EXPECT_EQ(toString(accountOf(kAlice)), "02:00:00:00:00:01");
}

TEST(Account, IsTheAddressOrTheSlash64OfAHostWithoutOne) {
    EXPECT_EQ(toString(accountOf({kAlice.address})), "192.168.1.10");
    EXPECT_EQ(toString(accountOf({ipv6("2001:db8:0:5:a::1")})), "2001:db8:0:5::/64");
    EXPECT_EQ(accountOf({ipv6("2001:db8:0:5::1")}), accountOf({ipv6("2001:db8:0:5:ffff::2")}));
    EXPECT_NE(accountOf({ipv6("2001:db8:0:5::1")}), accountOf({ipv6("2001:db8:0:6::1")}));
}

TEST(Account, IsReadAsItIsWritten) {
    for (const Host& host :
         {kAlice, Host{kAlice.address}, Host{kAlice6.address}, Host{ipv6("fd00::1")}})
        EXPECT_EQ(parseAccount(toString(accountOf(host))), accountOf(host));
    for (const char* const text :
         {"", "x", "192.168.1.0/24", "2001:db8::/63", "2001:db8::/64@5", "02:00:00:00:00"})
        EXPECT_FALSE(parseAccount(text)) << text;
}

}  // namespace
}  // namespace igd
