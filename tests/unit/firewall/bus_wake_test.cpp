// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/bus_wake.h"

#include <gtest/gtest.h>

#include <array>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

bool isReadable(const BusWake& wake, int milliseconds = 0) {
    pollfd one{.fd = wake.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, milliseconds) == 1;
}

class BusWakeTest : public testing::Test {
protected:
    BusWakeTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0); }
    ~BusWakeTest() override {
        for (const int end : ends) ::close(end);
    }
    std::array<int, 2> ends{};
    BusWake wake;
};

TEST_F(BusWakeTest, IsReadableForWhatIsAskedOfTheSocket) {
    wake.watch(ends[0]);
    wake.arm(POLLIN, std::nullopt);
    EXPECT_FALSE(isReadable(wake));
    wake.arm(POLLOUT, std::nullopt);
    EXPECT_TRUE(isReadable(wake));
    wake.arm(POLLIN, std::nullopt);
    ASSERT_EQ(::write(ends[1], "x", 1), 1);
    EXPECT_TRUE(isReadable(wake));
    wake.watch(-1);
    EXPECT_FALSE(isReadable(wake));
}

TEST_F(BusWakeTest, IsReadableWhenTheTimeHasComeAndUntilItIsDrained) {
    wake.arm(0, Clock::now() + std::chrono::milliseconds{20});
    EXPECT_FALSE(isReadable(wake));
    EXPECT_TRUE(isReadable(wake, 1000));
    wake.drain();
    EXPECT_FALSE(isReadable(wake));
    wake.arm(0, Clock::now() - Seconds{1});
    EXPECT_TRUE(isReadable(wake));
    wake.arm(0, std::nullopt);
    EXPECT_FALSE(isReadable(wake));
}

}  // namespace
}  // namespace igd::firewall
