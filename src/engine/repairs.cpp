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

std::optional<std::string> Repairs::Health::damage() {
    std::optional<std::string> first;
    for (Watched& one : all_) {
        one.damage = one.subject.health->damage();
        if (!first) first = one.damage;
    }
    return first;
}

bool Repairs::Health::looksTouched() {
    return std::ranges::any_of(all_,
                               [](Watched& one) { return one.subject.health->looksTouched(); });
}

Repairs::Repairs(boost::asio::io_context& loop, std::vector<Subject> subjects)
    : health_(watched_),
      watch_(loop, health_, [this](const std::string& what) { damaged(what); }),
      retry_(loop),
      patience_(kFirstRetry) {
    for (Subject& subject : subjects) watched_.push_back({std::move(subject)});
}

void Repairs::stop() {
    watch_.stop();
    retry_.cancel();
    for (Watched& one : watched_) one.damage.reset();  // its handler may be due already
}

/// What is not about one of them (elements, whose tables have one name) is about all.
void Repairs::damaged(const std::string& what) {
    if (std::ranges::none_of(watched_, [](const Watched& one) { return one.damage.has_value(); }))
        for (Watched& one : watched_) one.damage = what;
    patience_ = kFirstRetry;
    retry_.cancel();
    repairAll();
}

void Repairs::repairAll() {
    bool whole = true;
    for (Watched& one : watched_) whole = (!one.damage || repair(one)) && whole;
    if (!whole) tryAgain();
}

bool Repairs::repair(Watched& one) {
    const TimePoint begin = Clock::now();
    if (!one.subject.repair(begin)) {
        if (patience_ == kFirstRetry)
            log::error("firewall: {}: the rules of {} {}(s) could not be put back yet", *one.damage,
                       one.subject.count(), one.subject.noun);
        return false;
    }
    say(one.subject, *one.damage, begin, Clock::now());
    one.damage.reset();
    return true;
}

void Repairs::tryAgain() {
    retry_.expires_after(patience_);
    patience_ = std::min(2 * patience_, kLastRetry);
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error) repairAll();
    });
}

void Repairs::say(const Subject& subject, const std::string& what, TimePoint begin, TimePoint end) {
    if (subject.quietWhenNone && subject.count() == 0)
        return log::debug("firewall: {}: laid again, there are no {}s", what, subject.noun);
    ++count_;
    if (said_ && begin - *said_ < kBetweenLines) {
        ++unsaid_;
        return;
    }
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count();
    const std::uint64_t unsaid = std::exchange(unsaid_, 0);
    log::notice(
        "firewall: {}: put back, {} {}(s) in {} ms{}", what, subject.count(), subject.noun,
        milliseconds,
        unsaid == 0 ? "" : fmt::format(" (and {} time(s) more since the last such line)", unsaid));
    said_ = begin;
}

}  // namespace igd
