// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/clock_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

namespace igd {
namespace {

/// To what it shows: no other process minds.
bool setClock() {
    timespec now{};
    return ::clock_gettime(CLOCK_REALTIME, &now) == 0 && ::clock_settime(CLOCK_REALTIME, &now) == 0;
}

TEST(ClockWatch, TellsEachTimeTheClockIsSet) {
    boost::asio::io_context loop;
    int told = 0;
    ClockWatch watch{loop, [&] { ++told; }};
    loop.run_for(std::chrono::milliseconds{20});
    EXPECT_EQ(told, 0);
    if (!setClock()) GTEST_SKIP() << "setting the clock takes CAP_SYS_TIME";
    for (int expected = 1; expected < 3; ++expected) {
        while (told < expected && loop.run_one_for(std::chrono::seconds{5}) != 0) continue;
        EXPECT_EQ(told, expected);
        setClock();
    }
    watch.stop();
}

}  // namespace
}  // namespace igd
