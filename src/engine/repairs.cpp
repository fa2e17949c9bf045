// SPDX-License-Identifier: GPL-2.0-or-later
#include "repairs.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd {

Repairs::Repairs(boost::asio::io_context& loop, Parts parts, Pace pace)
    : parts_(std::move(parts)), pace_(pace), retry_(loop), pause_(pace.firstRetry) {}

void Repairs::stop() {
    stopped_ = true;
    retry_.cancel();
}

void Repairs::damaged(const std::string& what) {
    damage_ = what;
    pause_ = pace_.firstRetry;
    retry_.cancel();
    repair();
}

void Repairs::repair() {
    if (stopped_) return;
    const TimePoint begin = Clock::now();
    if (parts_.repair(begin)) return say(begin, Clock::now());
    if (pause_ == pace_.firstRetry) complain(begin);
    retry_.expires_after(pause_);
    pause_ = std::min(2 * pause_, pace_.lastRetry);
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error) repair();
    });
}

void Repairs::complain(TimePoint now) {
    if (complainedAt_ && now - *complainedAt_ < pace_.betweenLines) return;
    log::error("firewall: {}: the rules of {} could not be put back yet", damage_,
               parts_.describe());
    complainedAt_ = now;
}

void Repairs::say(TimePoint begin, TimePoint end) {
    ++count_;
    if (saidAt_ && begin - *saidAt_ < pace_.betweenLines) {
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
