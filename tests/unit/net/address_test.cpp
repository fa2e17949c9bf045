// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/address.h"

#include <gtest/gtest.h>

#include <utility>

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
    for (const char* text :
         {"10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1",
          "224.0.0.1", "0.1.2.3", "255.255.255.255", "192.0.0.2", "192.0.2.1", "198.18.0.1",
          "198.19.255.255", "198.51.100.7", "203.0.113.9", "240.0.0.1"})
        EXPECT_FALSE(parseIpv4Address(text)->isPublic()) << text;
    for (const char* text :
         {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "192.0.1.0",
          "192.0.3.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"})
        EXPECT_TRUE(parseIpv4Address(text)->isPublic()) << text;
    EXPECT_TRUE(parseIpv4Address("100.71.3.4")->isCarrierNat());
    EXPECT_FALSE(parseIpv4Address("172.32.0.1")->isPrivate());
}

TEST(Ipv4Address, NamesItsRange) {
    const std::pair<const char*, const char*> names[] = {{"80.1.2.3", "public"},
                                                         {"100.71.3.4", "carrier NAT"},
                                                         {"10.0.0.1", "private"},
                                                         {"172.16.0.1", "private"},
                                                         {"192.168.1.1", "private"},
                                                         {"169.254.0.1", "link-local"},
                                                         {"127.0.0.1", "loopback"},
                                                         {"192.0.0.2", "DS-Lite"},
                                                         {"192.0.2.1", "documentation"},
                                                         {"0.0.0.0", "of no host"},
                                                         {"198.51.100.1", "documentation"},
                                                         {"203.0.113.1", "documentation"},
                                                         {"224.0.0.1", "multicast"},
                                                         {"198.18.0.1", "benchmarking"},
                                                         {"255.255.255.255", "reserved"}};
    for (const auto& [text, name] : names)
        EXPECT_EQ(rangeName(*parseIpv4Address(text)), name) << text;
}

TEST(Ipv4Address, KnowsWhatAHostMayHave) {
    for (const char* text : {"80.1.2.3", "10.0.0.1", "169.254.0.1", "203.0.113.1"})
        EXPECT_TRUE(parseIpv4Address(text)->isOfHost()) << text;
    for (const char* text :
         {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"})
        EXPECT_FALSE(parseIpv4Address(text)->isOfHost()) << text;
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
