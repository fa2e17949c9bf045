// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic_counts.h"

#include <span>
#include <unordered_set>
#include <utility>

namespace igd {
namespace {

/// Openings that have ended and are remembered, beside as many as there are.
constexpr std::size_t kSpare = 1000;

}  // namespace

std::optional<Traffic> TrafficCounts::of(const Opening& opening, TimePoint now) {
    if (counts_.size() > 2 * openings_.lists().size() + kSpare) forgetTheEnded();
    Count& count = counts_[opening.id];
    if (!count.lookedAt || now - *count.lookedAt >= kBetween) look(opening, count, now);
    if (!count.counter && count.before == Traffic{}) return std::nullopt;
    return count.before + count.counter.value_or(Traffic{});
}

/// An opening that has no rule at present, or whose counter is not told, keeps what it had. A
/// counter that went back has begun anew: another rule stands in the place of the first.
void TrafficCounts::look(const Opening& opening, Count& count, TimePoint now) {
    count.lookedAt = now;
    const auto rule = opening.kind != OpeningKind::Peer ? ruleFor(opening, now) : std::nullopt;
    if (!rule) return;
    const auto told = firewall_.traffic(std::span{&*rule, 1});
    if (!told || !told->front()) return;
    const Traffic counter = *told->front();
    if (count.counter && counter.packets < count.counter->packets)
        count.before = count.before + *count.counter;
    count.counter = counter;
}

void TrafficCounts::forgetTheEnded() {
    std::unordered_set<std::uint32_t> present;
    for (const Opening& opening : openings_.lists().all()) present.insert(opening.id);
    std::erase_if(counts_, [&](const auto& each) { return !present.contains(each.first); });
}

void TrafficCounts::beforeLaying(TimePoint now) {
    if (counts_.empty() || openings_.lists().size() > kMostAtOnce) return;
    for (const Opening& opening : openings_.lists().all())
        if (const auto known = counts_.find(opening.id); known != counts_.end())
            look(opening, known->second, now);
}

void TrafficCounts::laid() {
    for (auto& [id, count] : counts_) {
        if (const auto counter = std::exchange(count.counter, std::nullopt))
            count.before = count.before + *counter;
        count.lookedAt.reset();
    }
}

}  // namespace igd
