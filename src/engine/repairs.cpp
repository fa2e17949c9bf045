// SPDX-License-Identifier: GPL-2.0-or-later
#include "repairs.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd {
namespace {

constexpr Seconds kFirstRetry{1};
constexpr Seconds kLastRetry{16};
constexpr Seconds kBetweenLines{1};  // somebody may flush five times a second

}  // namespace

Repairs::Repairs(boost::asio::io_context& loop, Parts parts)
    : parts_(std::move(parts)),
      watch_(loop, parts_.health, [this](const std::string& what) { damaged(what); }),
      retry_(loop),
      pause_(kFirstRetry) {}

void Repairs::stop() {
    stopped_ = true;
    watch_.stop();
    retry_.cancel();
}

void Repairs::damaged(const std::string& what) {
    damage_ = what;
    pause_ = kFirstRetry;
    retry_.cancel();
    repair();
}

void Repairs::repair() {
    if (stopped_) return;
    const TimePoint begin = Clock::now();
    if (parts_.repair(begin)) return say(begin, Clock::now());
    if (pause_ == kFirstRetry)
        log::error("firewall: {}: the rules of {} could not be put back yet", damage_,
                   parts_.describe());
    retry_.expires_after(pause_);
    pause_ = std::min(2 * pause_, kLastRetry);
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error) repair();
    });
}

void Repairs::say(TimePoint begin, TimePoint end) {
    ++count_;
    if (saidAt_ && begin - *saidAt_ < kBetweenLines) {
        ++unsaid_;
        return;
    }
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count();
    const std::uint64_t unsaid = std::exchange(unsaid_, 0);
    log::notice(
        "firewall: {}: put back, {} in {} ms{}", damage_, parts_.describe(), milliseconds,
        unsaid == 0 ? "" : fmt::format(" (and {} time(s) more since the last such line)", unsaid));
    saidAt_ = begin;
}

}  // namespace igd
