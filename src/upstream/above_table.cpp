// SPDX-License-Identifier: GPL-2.0-or-later
#include "above_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::above {
namespace {

/// After "no port is to be had", or no answer, the gateway is left alone for so long.
constexpr Seconds kNone{2};
constexpr Seconds kAgain{30};

Seconds holdsFor(NotHeld::Why why) {
    return why == NotHeld::Why::Silence ? AboveTable::kSilent : AboveTable::kRefused;
}

}  // namespace

AboveTable::Outlook AboveTable::prepare(const MappingKey& key, TimePoint now) {
    const auto [found, isNew] = entries_.try_emplace(key, Entry{.at = now});
    Entry& entry = found->second;
    if (isNew) return Outlook::Ask;
    if (entry.isMapped) return Outlook::Ready;
    if (entry.state == State::Held) {
        entry.at = now;
        return Outlook::Ready;
    }
    if (entry.state == State::Asked) {
        if (now - entry.at < kPatience) return Outlook::Wait;
        entry = {.state = State::Refused,
                 .at = now,
                 .why = NotHeld::Why::Silence,
                 .reason = "no answer in time"};
        return Outlook::Wait;
    }
    if (now - entry.at < holdsFor(entry.why)) return Outlook::Wait;
    entry = {.at = now};
    return Outlook::Ask;
}

const AboveTable::Entry* AboveTable::refused(const MappingKey& key, TimePoint now) const {
    const auto found = entries_.find(key);
    const bool isRefused = found != entries_.end() && found->second.state == State::Refused &&
                           now - found->second.at < holdsFor(found->second.why);
    return isRefused ? &found->second : nullptr;
}

std::optional<Refusal> AboveTable::refuses(const MappingKey& key, TimePoint now) const {
    const Entry* const entry = refused(key, now);
    if (entry == nullptr) return std::nullopt;
    const bool isSilent = entry->why == NotHeld::Why::Silence;
    return Refusal{
        isSilent ? MappingError::NoExternalAddress : MappingError::Conflict,
        fmt::format("the gateway above does not lead that port here: {}", entry->reason)};
}

std::optional<Refusal> AboveTable::refusesAll(TimePoint now) const {
    if (hop_ && !hop_->found)
        return Refusal{MappingError::NoExternalAddress,
                       fmt::format("the gateway above gives no ports: {}", hop_->problem)};
    if (!noneUntil_ || now >= noneUntil_->second) return std::nullopt;
    const bool isSilent = noneUntil_->first.why == NotHeld::Why::Silence;
    return Refusal{
        isSilent ? MappingError::NoExternalAddress : MappingError::TableFull,
        fmt::format("the gateway above gives no more ports: {}", noneUntil_->first.reason)};
}

std::optional<Port> AboveTable::offeredFor(const MappingKey& key, TimePoint now) const {
    const Entry* const entry = refused(key, now);
    return entry == nullptr ? std::nullopt : entry->offered;
}

std::optional<std::string> AboveTable::take(const Held& held, TimePoint now) {
    const auto found = entries_.find({held.protocol, held.port});
    if (found == entries_.end()) return std::nullopt;
    Entry& entry = found->second;
    const bool isMapped = entry.isMapped;
    if (held.external == held.port) {
        entry = {.state = State::Held, .isMapped = isMapped, .at = now};
        return std::nullopt;
    }
    std::string reason = fmt::format("it gives port {} in its place", held.external.value);
    entry = {.state = State::Refused,
             .isMapped = isMapped,
             .at = now,
             .why = NotHeld::Why::OnePort,
             .reason = reason,
             .offered = held.external};
    return isMapped ? std::optional{std::move(reason)} : std::nullopt;
}

/// A gateway that is silent may be back soon, and then leads the port here again.
std::optional<std::string> AboveTable::take(const NotHeld& refusal, TimePoint now) {
    const auto found = entries_.find({refusal.protocol, refusal.port});
    if (found == entries_.end()) return std::nullopt;
    const bool isMapped = found->second.isMapped;
    found->second = {.state = State::Refused,
                     .isMapped = isMapped,
                     .at = now,
                     .why = refusal.why,
                     .reason = refusal.reason};
    if (refusal.why != NotHeld::Why::OnePort) noneUntil_ = {refusal, now + kNone};
    const bool isLost = isMapped && refusal.why != NotHeld::Why::Silence;
    return isLost ? std::optional{refusal.reason} : std::nullopt;
}

bool AboveTable::mapped(const MappingKey& key, TimePoint now) {
    const auto [found, isNew] = entries_.try_emplace(key, Entry{.at = now});
    found->second.isMapped = true;
    return isNew;
}

bool AboveTable::unmapped(const MappingKey& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end() || !found->second.isMapped) return false;
    found->second.isMapped = false;
    if (found->second.state == State::Refused) return false;
    entries_.erase(found);
    return true;
}

std::vector<MappingKey> AboveTable::takeSpare(TimePoint now) {
    std::vector<MappingKey> spare;
    for (auto each = entries_.begin(); each != entries_.end();) {
        const Entry& entry = each->second;
        if (entry.isMapped || now - entry.at < kSpare) {
            ++each;
            continue;
        }
        if (entry.state != State::Refused) spare.push_back(each->first);
        each = entries_.erase(each);
    }
    return spare;
}

std::vector<MappingKey> AboveTable::missing(TimePoint now) {
    std::vector<MappingKey> missing;
    for (auto& [key, entry] : entries_) {
        if (!entry.isMapped || entry.state == State::Held || now - entry.at < kAgain) continue;
        entry.at = now;
        missing.push_back(key);
    }
    return missing;
}

void AboveTable::forget() {
    *this = {};
}

std::size_t AboveTable::countHeld() const {
    return static_cast<std::size_t>(std::ranges::count_if(entries_, [](const auto& each) {
        return each.second.isMapped && each.second.state == State::Held;
    }));
}

std::vector<AboveTable::Missing> AboveTable::notHeld() const {
    std::vector<Missing> missing;
    for (const auto& [key, entry] : entries_)
        if (entry.isMapped && entry.state != State::Held)
            missing.push_back({key, entry.reason.empty() ? "no answer yet" : entry.reason});
    return missing;
}

}  // namespace igd::above
