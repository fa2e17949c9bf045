// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_presence.h"

#include <algorithm>

namespace igd {
namespace {

constexpr Seconds kShortest{5};
constexpr Seconds kLongest{3600};
/// So many at once, and the pause to the next: 32 hosts a second.
constexpr std::size_t kBatch = 8;
constexpr std::chrono::milliseconds kPause{250};

}  // namespace

HostPresence::HostPresence(boost::asio::io_context& loop, Neighbours& neighbours,
                           std::function<std::vector<Watched>()> watched)
    : neighbours_(neighbours), watched_(std::move(watched)), timer_(loop) {}

Seconds HostPresence::interval(Seconds absentHostTimeout) {
    return std::max(kShortest, std::min(absentHostTimeout / 4, kLongest));
}

void HostPresence::setTimeout(std::optional<Seconds> absentHostTimeout) {
    stop();
    if (!absentHostTimeout) return;
    interval_ = interval(*absentHostTimeout);
    nextRound_ = Clock::now() + interval_;
    arm(nextRound_);
}

void HostPresence::stop() {
    interval_ = Seconds{0};
    timer_.cancel();
    left_.clear();
}

void HostPresence::arm(TimePoint when) {
    timer_.expires_at(when);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && interval_ != Seconds{0}) arm(look(Clock::now()));
    });
}

TimePoint HostPresence::look(TimePoint now) {
    if (left_.empty() && now >= nextRound_) {
        left_ = watched_();
        std::ranges::sort(left_);
        left_.erase(std::unique(left_.begin(), left_.end()), left_.end());
        nextRound_ = now + interval_;
    }
    for (std::size_t asked = 0; asked < kBatch && !left_.empty(); ++asked) {
        neighbours_.lookFor(left_.back().interface, left_.back().host);
        left_.pop_back();
    }
    return left_.empty() ? std::max(nextRound_, now + kPause) : now + kPause;
}

}  // namespace igd
