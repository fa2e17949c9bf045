// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_table.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace igd::store {
namespace {

constexpr Seconds kLongest = std::chrono::hours{24 * 365};

/// No time is so far away that arithmetic on it fails, whatever the other process has sent.
Opening bounded(Opening opening, TimePoint now) {
    for (Claim& claim : opening.claims) {
        if (claim.expiresAt) claim.expiresAt = std::clamp(*claim.expiresAt, now, now + kLongest);
        for (TimePoint* const past : {&claim.history.madeAt, &claim.history.renewedAt})
            *past = std::clamp(*past, now - 10 * kLongest, now);
    }
    opening.hostDeadline.reset();
    return opening;
}

std::uint64_t microsecondsNow() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(now).count());
}

}  // namespace

void StoreTable::keep(const Opening& opening) {
    const OpeningName name = opening.name();
    const auto [found, isNew] = rows_.try_emplace(name);
    if (isNew) found->second.first = lastFirst_ = std::max(lastFirst_ + 1, microsecondsNow());
    found->second.opening = opening;
    found->second.digest = 0;
    note(name);
}

void StoreTable::forget(const OpeningName& name) {
    rows_.erase(name);
    note(name);
}

void StoreTable::note(const OpeningName& name) {
    waiting_.insert(name);
    if (waiting_.size() <= kMostWaiting) return;
    waiting_.clear();
    compare_ = true;
}

std::size_t StoreTable::takeBatch(std::size_t most, const WriteOne& write) {
    while (!waiting_.empty() && writing_.size() < most) {
        const OpeningName name = *waiting_.begin();
        waiting_.erase(waiting_.begin());
        const auto found = rows_.find(name);
        const bool isThere = found != rows_.end();
        writing_[name] = write(name, isThere ? &found->second.opening : nullptr,
                               isThere ? found->second.first : 0);
    }
    return writing_.size();
}

void StoreTable::written() {
    for (const auto& [name, digest] : writing_)
        if (const auto found = rows_.find(name); found != rows_.end() && !waiting_.contains(name))
            found->second.digest = digest;
    writing_.clear();
}

void StoreTable::failed() {
    for (const auto& each : writing_) waiting_.insert(each.first);
    writing_.clear();
}

void StoreTable::stopWriting() {
    waiting_.clear();
    writing_.clear();
    compare_ = false;
}

void StoreTable::beginReading() {
    reading_.clear();
    isReading_ = true;
}

void StoreTable::put(Row row, TimePoint now) {
    const OpeningName name = row.opening.name();
    Rows& rows = isReading_ ? reading_ : rows_;
    if (rows.size() >= kMaxRows && !rows.contains(name)) return;
    Entry& entry = rows[name];
    if (entry.first == 0) entry.first = row.first;
    entry.opening = bounded(std::move(row.opening), now);
    entry.digest = row.digest;
}

void StoreTable::gone(const OpeningName& name) {
    (isReading_ ? reading_ : rows_).erase(name);
}

void StoreTable::endReading(bool leads) {
    Rows there = std::exchange(reading_, {});
    isReading_ = false;
    if (leads) {
        compareWith(there);
        if (!wasRead_)
            for (auto& [name, entry] : there)
                if (!rows_.contains(name) && !waiting_.contains(name))
                    rows_.emplace(name, std::move(entry));
    } else {
        rows_ = std::move(there);
        stopWriting();
    }
    wasRead_ = true;
}

void StoreTable::compareWith(const Rows& there) {
    compare_ = false;
    for (auto& [name, entry] : rows_) {
        const auto found = there.find(name);
        if (found != there.end()) entry.first = found->second.first;
        if (found == there.end() || found->second.digest != entry.digest) waiting_.insert(name);
    }
    if (!wasRead_) return;
    for (const auto& each : there)
        if (!rows_.contains(each.first)) waiting_.insert(each.first);
}

std::vector<Opening> StoreTable::openings(TimePoint now) const {
    std::vector<const Entry*> entries;
    entries.reserve(rows_.size());
    for (const auto& each : rows_) entries.push_back(&each.second);
    std::ranges::stable_sort(entries, {}, [](const Entry* entry) { return entry->first; });
    std::vector<Opening> openings;
    for (const Entry* const entry : entries) {
        Opening held = heldAt(entry->opening, now);
        if (held.claimOf(Origin::Igd) == nullptr) held.pinholeId.reset();
        if (!held.claims.empty()) openings.push_back(std::move(held));
    }
    return openings;
}

}  // namespace igd::store
