// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/send_buffer.h"

#include "upnpd/util/unique_fd.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include <linux/sock_diag.h>
#include <sys/socket.h>

namespace igd {
namespace {

TEST(SendBuffer, IsHalfFullOnceNobodyReads) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    const UniqueFd writer{ends[0]};
    const UniqueFd reader{ends[1]};
    std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
    socklen_t size = sizeof numbers;
    ::getsockopt(writer.get(), SOL_SOCKET, SO_MEMINFO, numbers.data(), &size);
    if (size < sizeof numbers) GTEST_SKIP() << "no SO_MEMINFO is here, as in qemu's user emulation";
    EXPECT_FALSE(isHalfFull(writer.get()));
    const std::array<char, 1024> piece{};
    while (::send(writer.get(), piece.data(), piece.size(), MSG_NOSIGNAL) > 0) {
    }
    EXPECT_TRUE(isHalfFull(writer.get()));
}

TEST(SendBuffer, WhatIsNoSocketCountsAsFull) {
    EXPECT_TRUE(isHalfFull(-1));
}

}  // namespace
}  // namespace igd
