// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/bus_wake.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

int made(int descriptor) {
    if (descriptor < 0) throw std::system_error{errno, std::generic_category(), "epoll or timerfd"};
    return descriptor;
}

void change(int epoll, int operation, int descriptor, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = descriptor}};
    ::epoll_ctl(epoll, operation, descriptor, &event);
}

}  // namespace

BusWake::BusWake()
    : epoll_(made(::epoll_create1(EPOLL_CLOEXEC))),
      timer_(made(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC))) {
    change(epoll_, EPOLL_CTL_ADD, timer_, EPOLLIN);
}

BusWake::~BusWake() {
    ::close(timer_);
    ::close(epoll_);
}

void BusWake::watch(int socket) {
    if (socket_ >= 0) change(epoll_, EPOLL_CTL_DEL, socket_, 0);
    socket_ = socket;
    if (socket_ >= 0) change(epoll_, EPOLL_CTL_ADD, socket_, EPOLLIN);
}

void BusWake::arm(int events, std::optional<TimePoint> time) {
    // The bits of poll(2) and epoll(7) are the same.
    if (socket_ >= 0) change(epoll_, EPOLL_CTL_MOD, socket_, static_cast<std::uint32_t>(events));
    itimerspec when{};
    if (time) {
        using std::chrono::nanoseconds;
        using std::chrono::seconds;
        const auto since = std::max(nanoseconds{time->time_since_epoch()}, nanoseconds{1});
        const auto whole = std::chrono::duration_cast<seconds>(since);
        when.it_value.tv_sec = whole.count();
        when.it_value.tv_nsec = static_cast<long>((since - whole).count());
    }
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void BusWake::drain() {
    std::array<char, sizeof(std::uint64_t)> expirations{};
    (void)!::read(timer_, expirations.data(), expirations.size());
}

}  // namespace igd::firewall
