// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_mask.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

PortRange range(unsigned first, unsigned last) {
    return {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
}

TEST(PortMask, FindsTheNextPortOnEitherSideOfARow) {
    PortMask ports;
    ports.insert(range(1000, 9000));
    EXPECT_EQ(ports.nextFree(999), 999U);
    EXPECT_EQ(ports.nextFree(1000), 9001U);
    EXPECT_EQ(ports.lastFree(9001), 9001U);
    EXPECT_EQ(ports.lastFree(9000), 999U);
    ports.erase(range(4000, 4000));
    EXPECT_EQ(ports.nextFree(1000), 4000U);
    EXPECT_EQ(ports.lastFree(9000), 4000U);
    EXPECT_EQ(ports.nextFree(4001), 9001U);
    EXPECT_EQ(ports.lastFree(3999), 999U);
}

TEST(PortMask, EndsAtTheFirstAndTheLastPort) {
    PortMask ports;
    ports.insert(range(1, 65535));
    EXPECT_EQ(ports.nextFree(1), PortMask::kEnd);
    EXPECT_EQ(ports.nextFree(PortMask::kEnd), PortMask::kEnd);
    EXPECT_EQ(ports.lastFree(65535), 0U);
    ports.erase(range(65535, 65535));
    ports.erase(range(1, 1));
    EXPECT_EQ(ports.nextFree(2), 65535U);
    EXPECT_EQ(ports.lastFree(65534), 1U);
}

TEST(PortMask, TakesInAnotherSet) {
    PortMask ports;
    PortMask others;
    ports.insert(range(64, 127));
    others.insert(range(128, 130));
    ports |= others;
    EXPECT_EQ(ports.nextFree(64), 131U);
    EXPECT_EQ(ports.lastFree(130), 63U);
}

}  // namespace
}  // namespace igd
