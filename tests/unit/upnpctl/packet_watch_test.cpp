// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace igd::ctl {
namespace {

/// A packet of TCP from 81.2.69.142:50000 to 80.1.2.3:3074 with so many words of options.
std::vector<std::uint8_t> packet(std::uint8_t protocol, std::uint8_t options = 0) {
    std::vector<std::uint8_t> octets(20 + 4U * options, 1);
    octets[0] = static_cast<std::uint8_t>(0x45 + options);
    octets[6] = 0x40;
    octets[7] = 0;
    octets[9] = protocol;
    const std::vector<std::uint8_t> addresses{81, 2, 69, 142, 80, 1, 2, 3};
    std::copy(addresses.begin(), addresses.end(), octets.begin() + 12);
    const std::vector<std::uint8_t> head{0xc3, 0x50, 0x0c, 0x02, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2};
    octets.insert(octets.end(), head.begin(), head.end());
    return octets;
}

TEST(PassedPacket, IsReadWithAndWithoutOptions) {
    for (const auto options : {std::uint8_t{0}, std::uint8_t{3}}) {
        const auto read = readPacket(packet(6, options));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->protocol, Protocol::Tcp);
        EXPECT_EQ(toString(read->source), "81.2.69.142:50000");
        EXPECT_EQ(toString(read->destination), "80.1.2.3:3074");
        EXPECT_FALSE(read->resets);
    }
    EXPECT_EQ(readPacket(packet(17))->protocol, Protocol::Udp);
}

TEST(PassedPacket, TellsARefusal) {
    auto octets = packet(6);
    octets.back() = 0x14;
    EXPECT_TRUE(readPacket(octets)->resets);
    octets[9] = 17;
    EXPECT_FALSE(readPacket(octets)->resets);
}

TEST(PassedPacket, IsNothingElse) {
    EXPECT_FALSE(readPacket(packet(1)));
    auto fragment = packet(17);
    fragment[7] = 8;
    EXPECT_FALSE(readPacket(fragment));
    auto six = packet(17);
    six[0] = 0x65;
    EXPECT_FALSE(readPacket(six));
    auto shortHeader = packet(17);
    shortHeader[0] = 0x44;
    EXPECT_FALSE(readPacket(shortHeader));
    const auto whole = packet(17);
    for (std::size_t size = 0; size < 24; ++size)
        EXPECT_FALSE(readPacket(std::span{whole}.first(size))) << size;
}

}  // namespace
}  // namespace igd::ctl
