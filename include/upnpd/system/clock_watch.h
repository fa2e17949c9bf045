// SPDX-License-Identifier: GPL-2.0-or-later
// A ClockWatch tells when somebody sets the wall clock: a router without a battery learns the time
// after it started.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace igd {

/// Only the loop thread uses it.
class ClockWatch {
public:
    /// Calls `wasSet` in the loop after each step of CLOCK_REALTIME, not for slewing
    /// (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). Throws std::system_error.
    ClockWatch(boost::asio::io_context& loop, std::function<void()> wasSet);

    /// Makes no more calls.
    void stop();

private:
    void arm();
    void wait();

    std::function<void()> wasSet_;
    boost::asio::posix::stream_descriptor timer_;
};

}  // namespace igd
