// SPDX-License-Identifier: GPL-2.0-or-later
#include "repairs.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd {

Repairs::Repairs(boost::asio::io_context& loop, Parts parts, Pace pace)
    : parts_(std::move(parts)),
      pace_(pace),
      retry_(loop),
      sayCount_(loop),
      pause_(pace.firstRetry) {}

void Repairs::stop() {
    stopped_ = true;
    retry_.cancel();
    sayCount_.cancel();
}

void Repairs::damaged(const std::string& what) {
    damage_ = what;
    pending_ = true;
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
    pending_ = false;
    last_ = Repair{end, damage_};
    if (parts_.repaired) parts_.repaired(damage_);
    if (saidAt_ && begin - *saidAt_ < pace_.betweenLines) {
        if (unsaid_++ == 0) planCount();
        return;
    }
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count();
    log::change("firewall: {}: put back, {} in {} ms", damage_, parts_.describe(), milliseconds);
    saidAt_ = begin;
}

void Repairs::planCount() {
    sayCount_.expires_at(*saidAt_ + pace_.betweenLines);
    sayCount_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        log::change("firewall: {}: put back {} time(s) more in {} s", damage_,
                    std::exchange(unsaid_, 0),
                    std::chrono::ceil<Seconds>(pace_.betweenLines).count());
    });
}

}  // namespace igd
