// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic_counts.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace igd {

std::optional<Traffic> TrafficCounts::of(std::uint32_t opening, TimePoint now) {
    if (!lookedAt_ ||
        now - *lookedAt_ >= std::max<Clock::duration>(kBetween, kRestAfterLook * took_)) {
        const TimePoint begin = Clock::now();
        look(now);
        took_ = Clock::now() - begin;
    }
    const auto found = counts_.find(opening);
    if (found == counts_.end()) return std::nullopt;
    const auto& [before, counter] = found->second;
    if (!counter && before == Traffic{}) return std::nullopt;
    return before + counter.value_or(Traffic{});
}

/// An opening that has no rule at present, or whose counter is not told, keeps what it had. A
/// counter that went back has begun anew: another rule stands in the place of the first.
void TrafficCounts::look(TimePoint now) {
    lookedAt_ = now;
    std::vector<std::uint32_t> ids;
    std::vector<Rule> rules;
    std::unordered_map<std::uint32_t, Count> counts;
    for (const Opening& opening : openings_.lists().all()) {
        if (const auto known = counts_.find(opening.id); known != counts_.end())
            counts.insert(*known);
        const auto rule = opening.kind != OpeningKind::Peer ? ruleFor(opening, now) : std::nullopt;
        if (!rule) continue;
        ids.push_back(opening.id);
        rules.push_back(*rule);
    }
    counts_ = std::move(counts);
    if (rules.empty()) return;
    const auto told = firewall_.traffic(rules);
    if (!told) return;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::optional<Traffic>& counter = (*told)[i];
        if (!counter) continue;
        Count& count = counts_[ids[i]];
        if (count.counter && counter->packets < count.counter->packets)
            count.before = count.before + *count.counter;
        count.counter = counter;
    }
}

void TrafficCounts::laid() {
    for (auto& [id, count] : counts_)
        if (const auto counter = std::exchange(count.counter, std::nullopt))
            count.before = count.before + *counter;
    lookedAt_.reset();
}

}  // namespace igd
