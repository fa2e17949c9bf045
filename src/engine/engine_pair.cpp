// SPDX-License-Identifier: GPL-2.0-or-later
// The engine as one of a pair of routers: what it begins when it becomes the active one, and what
// it ends when the other one does.
#include "engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace igd {
namespace {

/// The file of a standby is so old at most: it counts when the store is gone as well.
constexpr Seconds kCopyEvery{60};

/// Returns since when clients that were told `external` have lost nothing; nullopt: nobody has led
/// before, or clients were told another address.
std::optional<TimePoint> epochAfter(const Lead& lead, const std::string& external) {
    if (!lead.epochStart || (!lead.external.empty() && lead.external != external))
        return std::nullopt;
    const auto ago = std::chrono::system_clock::now() - *lead.epochStart;
    return Clock::now() - std::chrono::duration_cast<Clock::duration>(ago);
}

}  // namespace

Pair::Parts Engine::pairParts() {
    return {.begin = [this](const Lead& lead) { return becomeActive(lead); },
            .end = [this] { becomeStandby(); },
            .mayAnswer =
                [this](TimePoint until) {
                    frontEnds_.mayAnswer(until);
                    const auto held = std::exchange(held_, {});
                    if (pair_->isActive())
                        for (const auto& call : held) call();
                },
            .changed =
                [this](const std::string& text) {
                    events_.roleChanged(text);
                    reporter_.changed();
                    awaitTick();
                }};
}

PairParts Engine::pairRequests() {
    if (!pair_) return {};
    return {.standsBy = [this] { return standsBy(); },
            .promote = [this](Pair::Promoted done) { pair_->promote(std::move(done)); },
            .demote = [this] { pair_->demote("upnpctl demote"); }};
}

/// The other router may be the active one: nothing that an earlier run has left here may stay.
void Engine::joinPair() {
    LeaseStore& store = kept_->store();
    pair_.emplace(store, pairParts());
    followed_.emplace(store);
    leases_.alsoIn(store);
    if (configuration_.leaseFile)
        followed_->own(leases_.load(
            *configuration_.leaseFile,
            [this] { return standsBy() ? followed_->all(Clock::now()) : openings_.lists().all(); },
            std::max(configuration_.policy.maxLease, configuration_.policy.pcpMaxLease),
            configuration_.takenOverPinholes));
    if (!firewall_->removeAll(FlowsThen::Stay))
        throw std::runtime_error(
            "the firewall keeps rules of an earlier run (its reason is in the log)");
    leases_.open();
    presence_.setTimeout(configuration_.policy.absentHostTimeout);
    store.start({.read = [this] { storeWasRead(); },
                 .replaced = [this](const std::string& by) { pair_->replaced(by); }});
    awaitTick();
    log::notice("pair: this router stands by until `upnpctl promote`");
}

/// The rules come first: packets pass before anybody is told that this router answers.
bool Engine::becomeActive(const Lead& lead) {
    const TimePoint now = Clock::now();
    findInterfaces();
    external_.refresh(now);
    tellExternal();
    std::vector<Opening> restored = configuration_.staticMappings;  // first: they win
    const std::vector<Opening> unwritten = followed_->unwritten(lead.ledSince, Now::sample());
    const std::set<OpeningName> later = namesOf(unwritten);
    std::ranges::copy_if(followed_->all(now), std::back_inserter(restored),
                         [&](const Opening& each) { return !later.contains(each.name()); });
    std::ranges::copy(unwritten, std::back_inserter(restored));
    rulesLaid_ = true;
    if (!openings_.restore(restored, now)) return false;
    keepRestored(later);
    if (const auto start = epochAfter(lead, toldAddress()))
        external_.continueEpoch(*start);
    else
        external_.beginEpoch();
    dispatcher_.resume();
    if (!changePolicy()) log::error("portmap: what the configuration does not permit stays open");
    frontEnds_.bootIdsAfter(lead.bootId);
    frontEnds_.serve(configuration_.internalInterfaces);
    (void)openings_.keepWithin(frontEnds_.prefixes6(), now);
    noteBootId(lead.bootId);
    copyLeases();
    timers_.changed();
    reporter_.changed();
    return true;
}

void Engine::becomeStandby() {
    dispatcher_.stop();
    frontEnds_.serve({});
    removeRules();
    followed_->own(openings_.lists().all());
    openings_.forget();
    timers_.changed();
}

/// A router that was promoted before the store had answered lacks what the other one has granted.
void Engine::storeWasRead() {
    const bool isFirst = !followed_->hasRead();
    followed_->read();
    if (standsBy()) return copyLeases();
    if (!isFirst) return;
    const std::set<OpeningName> here = namesOf(openings_.lists().all());
    std::vector<Opening> missing = followed_->all(Clock::now());
    std::erase_if(missing, [&](const Opening& each) { return here.contains(each.name()); });
    if (!missing.empty()) restoreLate(missing);
}

/// A disk that fails now is no reason to end.
void Engine::copyLeases() {
    if (standsBy() && !followed_->haveChanged(Clock::now())) return;
    try {
        leases_.open();
    } catch (const std::runtime_error& error) {
        log::error("pair: {}: the leases of the pair are not in this router's file", error.what());
    }
}

void Engine::noteBootId(std::uint32_t bootId) {
    bootId_ = std::max(bootId_, bootId);
    tellStore();
}

void Engine::awaitTick() {
    ticks_.expires_after(standsBy() ? Clock::duration{kCopyEvery} : Pair::kTick);
    ticks_.async_wait([this](boost::system::error_code error) {
        if (error || stopping_) return;
        pair_->tick(Clock::now());
        if (standsBy()) copyLeases();
        awaitTick();
    });
}

/// Whoever may have been replaced changes nothing, and answers nobody, before it knows.
void Engine::carryOut(const ipc::Call& call, const Lan& lan, RequestDispatcher::Answered answered) {
    if (!pair_ || pair_->mayAnswer(Clock::now()))
        return dispatcher_.dispatch(call, lan, std::move(answered));
    held_.emplace_back([this, call, lan, answered = std::move(answered)] {
        dispatcher_.dispatch(call, lan, answered);
    });
}

std::vector<InterfaceName> Engine::servedInterfaces() const {
    return standsBy() ? std::vector<InterfaceName>{} : configuration_.internalInterfaces;
}

}  // namespace igd
