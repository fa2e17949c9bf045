// SPDX-License-Identifier: GPL-2.0-or-later
#include "interruption.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include <unistd.h>

namespace igd::ctl {
namespace {

using namespace std::chrono_literals;
using Woken = Interruption::Woken;

TEST(Interruption, WakesForADescriptorASignalOrInTime) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const UniqueFd reader{ends[0]};
    const UniqueFd writer{ends[1]};
    const Interruption interruption;
    EXPECT_EQ(interruption.wait(-1, 1ms), Woken::Timeout);
    EXPECT_EQ(interruption.wait(reader.get(), 1ms), Woken::Timeout);
    ASSERT_EQ(::write(writer.get(), "x", 1), 1);
    EXPECT_EQ(interruption.wait(reader.get(), 10s), Woken::Ready);
    ASSERT_EQ(std::raise(SIGTERM), 0);
    EXPECT_EQ(interruption.wait(reader.get(), 10s), Woken::Stopped);
}

}  // namespace
}  // namespace igd::ctl
