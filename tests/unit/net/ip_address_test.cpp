// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/ip_endpoint.h"
#include "upnpd/net/mac_address.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

Ipv6Address six(const char* text) {
    return parseIpv6Address(text).value();
}

TEST(Ipv6Address, IsReadAndWritten) {
    EXPECT_EQ(toString(six("2001:DB8:0:0::1")), "2001:db8::1");
    for (const char* text :
         {"", ":", "1", "::1%lo", "[::1]", "::1/64", "12345::", "192.168.1.1", " ::1"})
        EXPECT_FALSE(parseIpv6Address(text)) << text;
}

TEST(Ipv6Address, MayBeNamedInBracketsAndWithAZone) {
    for (const char* text :
         {"fe80::1", "[fe80::1]", "fe80::1%eth0", "[fe80::1%25eth0]", "fe80::1%"})
        EXPECT_EQ(parseNamedIpv6Address(text), six("fe80::1")) << text;
    EXPECT_FALSE(parseNamedIpv6Address("fe80::1%" + std::string(65, 'x')));
    for (const char* text :
         {"", "[", "]", "[]", "%eth0", "[fe80::1", "fe80::1]", "[[fe80::1]]", "[fe80::1]%eth0",
          "192.168.1.1", "[192.168.1.1]", "host", "[fe80::1]:80"})
        EXPECT_FALSE(parseNamedIpv6Address(text)) << text;
}

TEST(Ipv6Address, KnowsItsKind) {
    EXPECT_TRUE(six("fe80::1").isLinkLocal());
    EXPECT_TRUE(six("febf::1").isLinkLocal());
    EXPECT_FALSE(six("fec0::1").isLinkLocal());
    EXPECT_TRUE(six("fd00::1").isUniqueLocal());
    EXPECT_TRUE(six("ff02::c").isMulticast());
    EXPECT_TRUE(six("::1").isLoopback());
    EXPECT_TRUE(six("2a00::1").isGlobal());
    for (const char* text :
         {"::", "::1", "fe80::1", "fd00::1", "ff02::1", "::ffff:1.2.3.4", "::1.2.3.4"})
        EXPECT_FALSE(six(text).isGlobal()) << text;
}

TEST(Ipv6Address, OfAnIpv4OneIsThatOne) {  // IGD-Access-06
    EXPECT_EQ(normalised(six("::ffff:192.168.1.10")), IpAddress{*parseIpv4Address("192.168.1.10")});
    EXPECT_EQ(normalised(six("2a00::1")), IpAddress{six("2a00::1")});
    EXPECT_EQ(parseIpAddress("192.168.1.10"), IpAddress{*parseIpv4Address("192.168.1.10")});
    EXPECT_EQ(parseIpAddress("::ffff:192.168.1.10"), parseIpAddress("192.168.1.10"));
    EXPECT_EQ(parseIpAddress("2a00::1"), IpAddress{six("2a00::1")});
    EXPECT_FALSE(parseIpAddress("[2a00::1]"));
}

TEST(Ipv6Prefix, Contains) {
    const Ipv6Prefix odd{six("2001:db8::f0:1"), 126};
    EXPECT_TRUE(odd.contains(six("2001:db8::f0:3")));
    EXPECT_FALSE(odd.contains(six("2001:db8::f0:4")));
    EXPECT_TRUE((Ipv6Prefix{six("::"), 0}).contains(six("ff::")));
    EXPECT_FALSE((Ipv6Prefix{six("::1"), 128}).contains(six("::2")));
}

TEST(IpEndpoint, IsReadAsInUrls) {
    EXPECT_EQ(toString(parseAuthority("[fe80::1]:80", Port{1}).value()), "[fe80::1]:80");
    EXPECT_EQ(toString(parseAuthority("192.168.1.10", Port{80}).value()), "192.168.1.10:80");
    for (const char* text : {"", "[::1", "::1", "[::1]80", "[::1]:", "[::1]:0", "[::1]:65536",
                             "[fe80::1%eth0]", "[::ffff:1.2.3.4]", "1.2.3.4:", "host:80"})
        EXPECT_FALSE(parseAuthority(text, Port{80})) << text;
}

TEST(MacAddress, IsReadAndWritten) {
    EXPECT_EQ(toString(parseMacAddress("00:11:32:AA:bb:CC").value()), "00:11:32:aa:bb:cc");
    EXPECT_EQ(toString(parseMacAddress("00-11-32-aa-bb-cc").value()), "00:11:32:aa:bb:cc");
    for (const char* text :
         {"", "00:11:32:aa:bb", "00:11:32:aa:bb:c", "00:11:32:aa:bb:gg", "00:11-32:aa:bb:cc",
          "00:11:32:aa:bb:cc:", "0x:11:32:aa:bb:cc", "+0:11:32:aa:bb:cc"})
        EXPECT_FALSE(parseMacAddress(text)) << text;
}

}  // namespace
}  // namespace igd
