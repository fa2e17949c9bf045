// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <utility>

namespace igd {

void Pair::promote(Promoted promoted) {
    if (isActive()) return promoted(std::nullopt);
    waiting_.push_back(std::move(promoted));
    if (state_ == State::TakingLead) return;
    state_ = State::TakingLead;
    takingSince_ = Clock::now();
    store_.lead([this](const auto& lead) { taken(lead); });
}

/// Without the store this router has what it read last, and somebody has to answer.
void Pair::taken(const tl::expected<Lead, std::string>& lead) {
    if (state_ != State::TakingLead) return;
    if (!lead)
        log::warning(
            "pair: the store of leases does not answer ({}): this router goes on with what it has "
            "read before",
            lead.error());
    state_ = State::Active;
    lastTick_ = Clock::now();
    until_ = lastTick_ + kTrust;
    if (!parts_.begin(lead ? *lead : store_.known())) {
        standBy("the firewall does not take the rules");
        return tell("the firewall does not take the rules: the reason is in upnpd's log");
    }
    const TimePoint now = Clock::now();
    lastTick_ = now;
    trust(now);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now - takingSince_);
    const std::string text = fmt::format("this router is the active one ({} ms)", took.count());
    log::change("pair: {}", text);
    parts_.changed(text);
    tell(std::nullopt);
}

void Pair::tell(const std::optional<std::string>& refusal) {
    for (const Promoted& promoted : std::exchange(waiting_, {})) promoted(refusal);
}

void Pair::trust(TimePoint now) {
    until_ = now + kTrust;
    parts_.mayAnswer(until_);
}

void Pair::demote(const std::string& why) {
    if (state_ == State::Standby) return;
    standBy(why);
    tell("another word has come meanwhile: this router stands by");
}

void Pair::standBy(const std::string& why) {
    const bool answered = isActive();
    state_ = State::Standby;
    until_ = {};
    parts_.mayAnswer(until_);
    if (answered) parts_.end();
    store_.follow();
    const std::string text = fmt::format("this router stands by: {}", why);
    log::change("pair: {}", text);
    parts_.changed(text);
}

void Pair::replaced(const std::string& by) {
    if (state_ == State::Standby) return;
    log::warning("pair: {} has taken the lead", by);
    demote(fmt::format("{} has taken the lead", by));
}

void Pair::tick(TimePoint now) {
    const auto since = now - std::exchange(lastTick_, now);
    if (state_ != State::Active) return;
    if (since <= kTrust) return trust(now);
    state_ = State::Unsure;
    log::warning(
        "pair: this daemon was stopped for {} ms: it answers when the store says that it "
        "leads still",
        std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    store_.confirm([this](bool leads) { confirmed(leads); });
}

void Pair::confirmed(bool leads) {
    if (state_ != State::Unsure) return;
    if (!leads) return demote("another router leads");
    state_ = State::Active;
    trust(Clock::now());
}

void Pair::leave() {
    state_ = State::Standby;
    until_ = {};
    parts_.mayAnswer(until_);
}

}  // namespace igd
