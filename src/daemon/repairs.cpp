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

Repairs::Repairs(boost::asio::io_context& loop, Subject subject)
    : subject_(std::move(subject)),
      watch_(loop, subject_.health, [this](const std::string& what) { damaged(what); }),
      retry_(loop),
      patience_(kFirstRetry) {}

void Repairs::stop() {
    watch_.stop();
    retry_.cancel();
}

void Repairs::damaged(const std::string& what) {
    patience_ = kFirstRetry;
    retry_.cancel();
    repair(what);
}

void Repairs::repair(const std::string& what) {
    const TimePoint begin = Clock::now();
    if (!subject_.repair(begin)) return tryAgain(what);
    ++count_;
    say(what, begin, Clock::now());
}

void Repairs::tryAgain(const std::string& what) {
    if (patience_ == kFirstRetry)
        log::error("firewall: {}: the rules of {} {}(s) could not be put back yet", what, subject_.count(),
                   subject_.noun);
    retry_.expires_after(patience_);
    patience_ = std::min(2 * patience_, kLastRetry);
    retry_.async_wait([this, what](boost::system::error_code error) {
        if (!error) repair(what);
    });
}

void Repairs::say(const std::string& what, TimePoint begin, TimePoint end) {
    if (subject_.quietWhenNone && subject_.count() == 0)
        return log::debug("firewall: {}: laid again, there are no {}s", what, subject_.noun);
    if (said_ && begin - *said_ < kBetweenLines) {
        ++unsaid_;
        return;
    }
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count();
    const std::uint64_t unsaid = std::exchange(unsaid_, 0);
    log::notice("firewall: {}: put back, {} {}(s) in {} ms{}", what, subject_.count(), subject_.noun,
                milliseconds,
                unsaid == 0 ? "" : fmt::format(" (and {} time(s) more since the last such line)", unsaid));
    said_ = begin;
}

}  // namespace igd
