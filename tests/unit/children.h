// SPDX-License-Identifier: GPL-2.0-or-later
// Forked processes that stand for the engine's helpers, and a loop that runs until they have done
// what is waited for.
#pragma once

#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <stdexcept>

#include <sys/syscall.h>
#include <unistd.h>

namespace igd {

/// Runs `body` in a child that has no descriptor but 0-2 and `channel`. Returns its id.
inline pid_t forked(int channel, const std::function<void(int channel)>& body) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (channel > 3) ::close_range(3, static_cast<unsigned>(channel) - 1, 0);
    ::close_range(static_cast<unsigned>(channel) + 1, ~0U, 0);
    body(channel);
    ::_exit(0);
}

[[noreturn]] inline void waitForEver() {
    for (;;) ::pause();
}

/// Waits until the other end of `channel` is closed.
inline void waitForEnd(int channel) {
    for (char octets[4096];;) {
        const ssize_t size = ::read(channel, octets, sizeof octets);
        if (size == 0 || (size < 0 && errno != EAGAIN)) return;
        ::usleep(500);
    }
}

/// Runs the loop, and `childEnded` again and again, until `condition` holds.
inline void runUntil(boost::asio::io_context& loop, const std::function<bool()>& condition,
                     const std::function<void()>& childEnded) {
    const TimePoint end = Clock::now() + std::chrono::seconds{10};
    while (!condition()) {
        if (Clock::now() > end) throw std::runtime_error{"it never happens"};
        loop.restart();
        loop.run_for(std::chrono::milliseconds{2});
        childEnded();
    }
}

}  // namespace igd
