// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/firewalld_policy.h"

#include "firewalld/rich_rule.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace igd::firewall {
namespace {

constexpr std::string_view kMakePolicy =
    "`firewall-cmd --permanent --new-policy=upnpd; firewall-cmd --permanent --policy=upnpd "
    "--set-priority=32767; firewall-cmd --reload`";
constexpr std::string_view kLetAsk =
    "install polkit and its rule upnpd.rules (upnpd(8), FIREWALLD), or start upnpd as root";
constexpr std::string_view kGiveUpTable =
    "without it: set NftablesTableOwner=no in /etc/firewalld/firewalld.conf and restart firewalld";

}  // namespace

FirewalldPolicy::FirewalldPolicy(std::unique_ptr<FirewalldBus> bus, Over over,
                                 std::function<TimePoint()> now)
    : bus_(std::move(bus)), over_(std::move(over)), now_(std::move(now)) {}

void FirewalldPolicy::put(const Rule& rule) {
    const std::vector<std::string> texts = richRulesOf(rule);
    for (const std::string& text : texts) {
        ++counts_[text];
        asked_.erase(text);
    }
    if (texts.empty())
        log::error(
            "firewall: firewalld stops packets to {}: its language has no words for the remote "
            "host's port",
            toString(rule.internal));
}

void FirewalldPolicy::take(const Rule& rule) {
    for (const std::string& text : richRulesOf(rule))
        if (const auto found = counts_.find(text); found != counts_.end() && --found->second == 0)
            counts_.erase(found);
}

std::optional<FirewalldPolicy::Texts> FirewalldPolicy::textsOf(std::span<const Rule> rules) {
    Texts all;
    for (const Rule& rule : rules) {
        std::vector<std::string> texts = richRulesOf(rule);
        if (texts.empty()) return std::nullopt;
        std::ranges::move(texts, std::inserter(all, all.end()));
    }
    return all;
}

Result<bool> FirewalldPolicy::prepare(std::span<const Rule> rules) {
    hear();
    std::optional<Texts> texts = textsOf(rules);
    if (!texts) {
        log::info("firewall: firewalld's language has no words for the remote host's port");
        return fail(MappingError::Backend);
    }
    std::erase_if(*texts, [&](const std::string& text) { return held_.contains(text); });
    if (texts->empty()) return true;
    const auto isRefused = [&](const std::string& text) { return refused_.contains(text); };
    if (blocked_ || std::ranges::any_of(*texts, isRefused)) return fail(MappingError::Backend);
    const TimePoint now = now_();
    if (sent_ && now - sent_->at >= kPatience) {
        complain("it does not answer");
        return fail(MappingError::Backend);
    }
    for (const std::string& text : *texts) asked_[text] = now + kKept;
    update();
    if (sent_) return false;
    for (const std::string& text : *texts) asked_.erase(text);
    return fail(MappingError::Backend);
}

void FirewalldPolicy::apply(const RuleDelta& delta) {
    for (const Rule& rule : delta.remove) take(rule);
    for (const Rule& rule : delta.add) put(rule);
    ended_.insert(ended_.end(), delta.remove.begin(), delta.remove.end());
    update();
}

void FirewalldPolicy::replaceAll(std::span<const Rule> rules, bool leftBehind) {
    counts_.clear();
    for (const Rule& rule : rules) put(rule);
    unsure_ = unsure_ || leftBehind || !counts_.empty();
    blocked_ = false;
    pausedUntil_.reset();
    pointless_.reset();
    hear();
}

Result<void> FirewalldPolicy::removeAll(bool leftBehind) {
    const bool none = !leftBehind && held_.empty() && !sent_;
    counts_.clear();
    asked_.clear();
    held_.clear();
    sent_.reset();
    unsure_ = false;
    if (none) return {};
    const auto done = bus_->clear(kLongPatience);
    if (done || done.error().kind == BusError::Kind::NoPolicy) return {};
    log::error(
        "firewall: firewalld keeps rules of ours in its policy {}: {}: run `firewall-cmd "
        "--reload`",
        kFirewalldPolicy, igd::quoted(done.error().text, 200));
    return fail(MappingError::Backend);
}

void FirewalldPolicy::hear() {
    listen();
    if (sent_)
        if (const auto answer = bus_->answer()) received(*answer);
    update();
}

void FirewalldPolicy::listen() {
    switch (bus_->hear()) {
        case Announcement::Nothing:
            return;
        case Announcement::Gone:
            blocked_ = true;
            return lose();
        case Announcement::Changed:
            blocked_ = false;
            return lose();
    }
}

/// A start, a reload or another zone takes our rules out of the way, and may be the remedy of what
/// went wrong before.
void FirewalldPolicy::lose() {
    lost_ = lost_ || (!held_.empty() && !counts_.empty());
    held_.clear();
    settleEnded();
    sent_.reset();
    refused_.clear();
    pointless_.reset();
    pausedUntil_.reset();
    unsure_ = !wanted().empty();
}

FirewalldPolicy::Texts FirewalldPolicy::wanted() const {
    Texts texts;
    for (const auto& [text, count] : counts_) texts.insert(text);
    for (const auto& [text, until] : asked_) texts.insert(text);
    return texts;
}

void FirewalldPolicy::update() {
    const TimePoint now = now_();
    for (Until* const some : {&asked_, &refused_})
        std::erase_if(*some, [&](const auto& one) { return one.second <= now; });
    Texts texts = wanted();
    if (isToSend(texts, now)) {
        bus_->send(texts);
        sent_ = Sent{std::move(texts), now};
        if (const auto answer = bus_->answer()) received(*answer);
    }
    wakeLater(now);
}

bool FirewalldPolicy::isToSend(const Texts& texts, TimePoint now) const {
    if (sent_ || blocked_ || (pausedUntil_ && now < *pausedUntil_)) return false;
    return (unsure_ || texts != held_) && texts != pointless_;
}

void FirewalldPolicy::wakeLater(TimePoint now) {
    std::optional<TimePoint> next;
    if (pausedUntil_ && now < *pausedUntil_ && unsure_) next = pausedUntil_;
    for (const auto& [text, until] : asked_)
        if (!next || until < *next) next = until;
    bus_->wakeAt(next);
}

void FirewalldPolicy::received(const BusAnswer& answer) {
    Sent sent = std::move(*std::exchange(sent_, std::nullopt));
    if (answer)
        agreed(std::move(sent.texts));
    else
        refused(sent.texts, answer.error());
}

void FirewalldPolicy::agreed(Texts texts) {
    held_ = std::move(texts);
    unsure_ = false;
    pointless_.reset();
    complaint_.clear();
    settleEnded();
    if (std::exchange(lost_, false))
        log::change("firewall: firewalld lets packets to our openings pass again: {} rule(s)",
                    held_.size());
}

/// Flows of what has ended may have begun anew while firewalld still let them.
void FirewalldPolicy::settleEnded() {
    const auto isIn = [](const Rule& rule, const auto& texts) {
        return std::ranges::any_of(richRulesOf(rule),
                                   [&](const std::string& text) { return texts.contains(text); });
    };
    std::vector<Rule> over;
    std::vector<Rule> left;
    for (Rule& rule : std::exchange(ended_, {}))
        if (!isIn(rule, held_))
            over.push_back(std::move(rule));
        else if (!isIn(rule, counts_))
            left.push_back(std::move(rule));
    ended_ = std::move(left);
    if (!over.empty()) over_(over);
}

/// firewalld may have taken old rules away before it refused a new one.
void FirewalldPolicy::refused(const Texts& texts, const BusError& error) {
    held_.clear();
    unsure_ = true;
    for (const std::string& text : texts)
        if (asked_.erase(text) != 0) refused_[text] = now_() + kKept;
    switch (error.kind) {
        case BusError::Kind::Absent:
        case BusError::Kind::NoPolicy:
        case BusError::Kind::NotAllowed:
            blocked_ = true;
            break;
        case BusError::Kind::Refused:
            pointless_ = texts;
            break;
        case BusError::Kind::Unanswered:
            pausedUntil_ = now_() + kPause;
            break;
    }
    say(error);
}

void FirewalldPolicy::say(const BusError& error) {
    const std::string text = igd::quoted(error.text, 300);
    switch (error.kind) {
        case BusError::Kind::Absent:
            return complain("it does not run: start it, or run `nft delete table inet firewalld`");
        case BusError::Kind::NoPolicy:
            return complain(
                fmt::format("it has no policy {}: run {}", kFirewalldPolicy, kMakePolicy));
        case BusError::Kind::NotAllowed:
            return complain(
                fmt::format("it does not let us ask ({}): {}; {}", text, kLetAsk, kGiveUpTable));
        case BusError::Kind::Refused:
            return complain(fmt::format("it refuses our rules: {}", text));
        case BusError::Kind::Unanswered:
            return complain(fmt::format("it does not answer: {}", text));
    }
}

/// Says it once: clients ask again and again.
void FirewalldPolicy::complain(const std::string& line) {
    if (std::exchange(complaint_, line) != line)
        log::error("firewall: firewalld stops packets to openings of ours, and {}", line);
}

}  // namespace igd::firewall
