// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/held_signals.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

volatile std::sig_atomic_t terms = 0;

void count(int /*signal*/) {
    terms = terms + 1;
}

TEST(HeldSignals, ComeWhenTheyAreReleased) {
    const auto before = std::signal(SIGTERM, count);
    {
        HeldSignals held;
        std::raise(SIGTERM);
        EXPECT_EQ(terms, 0);
        held.release();
        EXPECT_EQ(terms, 1);
        std::raise(SIGTERM);
        EXPECT_EQ(terms, 2);
    }
    std::signal(SIGTERM, before);
}

TEST(HeldSignals, AreAllThatTheDaemonObeys) {
    const HeldSignals held;
    sigset_t now{};
    ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2})
        EXPECT_EQ(::sigismember(&now, signal), 1) << signal;
    EXPECT_EQ(::sigismember(&now, SIGCHLD), 0);
}

TEST(HeldSignals, LeaveTheMaskAloneOnceReleased) {
    sigset_t ending{};
    sigset_t now{};
    ::sigemptyset(&ending);
    ::sigaddset(&ending, SIGTERM);
    {
        HeldSignals held;
        held.release();
        ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    }
    ::pthread_sigmask(SIG_UNBLOCK, &ending, &now);
    EXPECT_TRUE(::sigismember(&now, SIGTERM));
}

}  // namespace
}  // namespace igd
