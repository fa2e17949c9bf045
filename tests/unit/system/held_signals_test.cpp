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

TEST(HeldSignals, LeaveTheMaskAloneOnceReleased) {
    sigset_t terms{};
    sigset_t now{};
    ::sigemptyset(&terms);
    ::sigaddset(&terms, SIGTERM);
    {
        HeldSignals held;
        held.release();
        ::pthread_sigmask(SIG_BLOCK, &terms, nullptr);
    }
    ::pthread_sigmask(SIG_UNBLOCK, &terms, &now);
    EXPECT_TRUE(::sigismember(&now, SIGTERM));
}

}  // namespace
}  // namespace igd
