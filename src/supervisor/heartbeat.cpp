// SPDX-License-Identifier: GPL-2.0-or-later
#include "heartbeat.h"

#include <utility>

namespace igd {

Heartbeat::Heartbeat(boost::asio::io_context& loop, HeartbeatTimes times,
                     std::function<void()> ping, std::function<void()> dead)
    : times_(times), ping_(std::move(ping)), dead_(std::move(dead)), timer_(loop) {}

void Heartbeat::begin() {
    running_ = true;
    unanswered_.reset();
    wait(Waits::ForNextPing, times_.interval);
}

/// Sets the timer once for all that is sent within its time: a busy front end costs no timer for
/// each answer.
void Heartbeat::sent() {
    if (!running_) return;
    if (!unanswered_) unanswered_ = Clock::now();
    if (waits_ == Waits::ForNextPing) wait(Waits::AfterSending, times_.patience);
}

void Heartbeat::heard() {
    heard_ = true;
    unanswered_.reset();
    if (waits_ == Waits::ForAnswer && running_) wait(Waits::ForNextPing, times_.interval);
}

void Heartbeat::stop() {
    running_ = false;
    timer_.cancel();
}

void Heartbeat::wait(Waits what, Clock::duration time) {
    waits_ = what;
    heard_ = false;
    timer_.expires_after(time);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && running_) due();
    });
}

void Heartbeat::due() {
    if (waits_ == Waits::ForAnswer) {
        stop();
        return dead_();
    }
    const auto left =
        unanswered_ ? *unanswered_ + times_.patience - Clock::now() : Clock::duration{};
    if (left > Clock::duration{}) return wait(Waits::AfterSending, left);
    if (!unanswered_ && (heard_ || waits_ == Waits::AfterSending))
        return wait(Waits::ForNextPing, times_.interval);
    wait(Waits::ForAnswer, times_.patience);
    ping_();
}

}  // namespace igd
