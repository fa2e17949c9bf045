// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace igd {
namespace {

TEST(Bytes, AreReadAsTheyWereWritten) {
    ByteWriter out;
    out.u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).text("hello");
    ByteReader in{out.bytes()};
    EXPECT_EQ(in.u8(), 1);
    EXPECT_EQ(in.u16(), 0x0203);
    EXPECT_EQ(in.u32(), 0x04050607U);
    EXPECT_EQ(in.u64(), 0x08090a0b0c0d0e0fU);
    EXPECT_EQ(in.text(5), "hello");
    EXPECT_TRUE(in.finished());
}

TEST(ByteReader, StaysFailedOnceItRanShort) {
    const std::array<std::uint8_t, 3> bytes{0, 1, 2};
    ByteReader in{bytes};
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_EQ(in.u8(), 0);
    EXPECT_FALSE(in.ok());
}

TEST(ByteReader, RefusesTextBeyondItsLimit) {
    ByteWriter out;
    out.text("hello");
    ByteReader in{out.bytes()};
    (void)in.text(4);
    EXPECT_FALSE(in.ok());
}

TEST(ByteReader, IsNotFinishedWhileSomethingIsLeft) {
    const std::array<std::uint8_t, 2> bytes{1, 2};
    ByteReader in{bytes};
    (void)in.u8();
    EXPECT_TRUE(in.ok());
    EXPECT_FALSE(in.finished());
}

}  // namespace
}  // namespace igd
