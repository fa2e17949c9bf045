// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/host_key.h"

#include <gtest/gtest.h>

#include <set>

namespace igd {
namespace {

constexpr Ipv4Address kFour{0xc0a8320a};
constexpr MacAddress kMac{{0, 0x11, 0x32, 0xaa, 0xbb, 0xcc}};

IpAddress six(std::string_view text) {
    return parseIpv6Address(text).value();
}

TEST(HostKey, IsTheHardwareAddressWhereThatIsKnown) {
    EXPECT_EQ(hostKeyOf(kFour, kMac), HostKey{kMac});
    EXPECT_EQ(hostKeyOf(six("2001:db8::5"), kMac), HostKey{kMac});
    EXPECT_TRUE(isNeighbour(hostKeyOf(kFour, kMac)));
}

TEST(HostKey, IsElseTheAddressOrTheNetworkOf64Bits) {
    EXPECT_EQ(hostKeyOf(kFour, std::nullopt), HostKey{kFour});
    EXPECT_EQ(toString(hostKeyOf(six("2001:db8:0:1::5"), std::nullopt)), "2001:db8:0:1::/64");
    EXPECT_EQ(hostKeyOf(six("2001:db8::5"), std::nullopt),
              hostKeyOf(six("2001:db8::ffff:6"), std::nullopt));
    EXPECT_FALSE(isNeighbour(hostKeyOf(kFour, std::nullopt)));
}

TEST(HostKey, HashesApartByKindBytesAndSeed) {
    constexpr std::uint64_t kSeed = 815;
    std::set<std::uint64_t> hashes{hashOf(kMac, kSeed), hashOf(kMac, kSeed + 1),
                                   hashOf(hostKeyOf(six("::"), std::nullopt), kSeed)};
    constexpr unsigned kMany = 10000;
    for (std::uint32_t i = 0; i < kMany; ++i) hashes.insert(hashOf(Ipv4Address{i}, kSeed));
    EXPECT_EQ(hashes.size(), kMany + 3);
}

}  // namespace
}  // namespace igd
