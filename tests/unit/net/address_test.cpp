// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/address.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(Ipv4Address, IsReadStrictly) {
    EXPECT_EQ(parseIpv4Address("192.168.1.10"), Ipv4Address{0xc0a8010a});
    for (const char* text : {"", "10.1", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1..3.4",
                             "0x7f.0.0.1", "2130706433", "1.2.3.4:80", "0/0", "fe80::1"})
        EXPECT_FALSE(parseIpv4Address(text)) << text;
}

TEST(Ipv4Address, IsWrittenAsItWasRead) {
    EXPECT_EQ(toString(*parseIpv4Address("80.100.100.1")), "80.100.100.1");
}

TEST(Ipv4Address, KnowsWhatTheInternetReaches) {
    EXPECT_TRUE(parseIpv4Address("80.100.100.1")->isPublic());
    for (const char* text : {"10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1",
                             "169.254.1.1", "224.0.0.1", "0.1.2.3", "255.255.255.255"})
        EXPECT_FALSE(parseIpv4Address(text)->isPublic()) << text;
    EXPECT_TRUE(parseIpv4Address("100.71.3.4")->isCarrierNat());
    EXPECT_FALSE(parseIpv4Address("172.32.0.1")->isPrivate());
}

TEST(Ipv4Prefix, KnowsItsHosts) {
    const auto lan = *parseIpv4Prefix("192.168.1.1/24");
    EXPECT_TRUE(lan.isHost(*parseIpv4Address("192.168.1.254")));
    for (const char* text : {"192.168.1.0", "192.168.1.255", "192.168.2.1"})
        EXPECT_FALSE(lan.isHost(*parseIpv4Address(text))) << text;
    const auto pair = *parseIpv4Prefix("10.0.0.0/31");  // RFC 3021
    EXPECT_TRUE(pair.isHost(*parseIpv4Address("10.0.0.1")));
    EXPECT_TRUE(parseIpv4Prefix("0.0.0.0/0")->contains(*parseIpv4Address("8.8.8.8")));
    EXPECT_FALSE(parseIpv4Prefix("10.0.0.0/33"));
    EXPECT_FALSE(parseIpv4Prefix("10.0.0.0/"));
}

}  // namespace
}  // namespace igd
