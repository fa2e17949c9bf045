// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/clock_watch.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>

#include <sys/timerfd.h>
#include <unistd.h>

namespace igd {
namespace {

/// In the year 2255, or the last second that time_t can say.
constexpr auto kNever =
    static_cast<time_t>(std::min<std::int64_t>(9'000'000'000, std::numeric_limits<time_t>::max()));

int openTimer() {
    const int timer = ::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
    return timer;
}

}  // namespace

ClockWatch::ClockWatch(boost::asio::io_context& loop, std::function<void()> wasSet)
    : wasSet_(std::move(wasSet)), timer_(loop, openTimer()) {
    arm();
    wait();
}

void ClockWatch::arm() {
    const itimerspec never{{0, 0}, {kNever, 0}};
    constexpr int kFlags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    if (::timerfd_settime(timer_.native_handle(), kFlags, &never, nullptr) != 0)
        throw std::system_error(errno, std::generic_category(), "timerfd_settime");
}

void ClockWatch::wait() {
    timer_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            std::uint64_t count = 0;
            const bool set =
                ::read(timer_.native_handle(), &count, sizeof count) < 0 && errno == ECANCELED;
            arm();
            if (set) wasSet_();
            if (timer_.is_open()) wait();
        });
}

void ClockWatch::stop() {
    boost::system::error_code ignored;
    timer_.close(ignored);
}

}  // namespace igd
