// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_sets.h"

#include <algorithm>

#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {
namespace {

/// The kernel walks through the list of a table's sets for each question about one. A third of a
/// second goes into that at most; what is left is not known.
constexpr std::size_t kMostVisits = 3'000'000;

/// Elements of a map with a name that leads ports elsewhere: an administrator's list of forwards.
constexpr std::size_t kMostForwards = 1'024;

/// Names that nft gives to sets without one.
bool mayBeAnonymous(std::string_view set) {
    return set.starts_with("__");
}

/// Returns whether the key may be small, by its first field.
bool maySmall(const Lookup& lookup) {
    Lookup first;
    if (!lookup.key.empty()) first.key.push_back(lookup.key.front());
    return isSmall(first);
}

}  // namespace

void NftSets::want(const NftPlace& place, PendingLookup pending) {
    if (!mayBeAnonymous(place.name) && !maySmall(pending.lookup) && !leadsElsewhere(pending.lookup))
        return;
    const auto [wanted, isNew] = sets_.try_emplace(place);
    if (isNew) {
        ++sizes_[{place.family, place.table}];
        (pending.lookup.narrow ? narrow_ : wide_).push_back(place);
    }
    wanted->second.lookups.push_back(std::move(pending));
}

std::optional<NftPlace> NftSets::next() {
    std::deque<NftPlace>& list = wide_.empty() ? narrow_ : wide_;
    if (list.empty()) return std::nullopt;
    NftPlace place = std::move(list.front());
    list.pop_front();
    visits_ += sizes_[{place.family, place.table}];
    if (visits_ > kMostVisits) return std::nullopt;
    return place;
}

void NftSets::take(const NftPlace& place, const FoundSet& set) {
    const auto wanted = sets_.find(place);
    if (wanted == sets_.end()) return;
    wanted->second.facts = set;
    wanted->second.found = true;
}

bool NftSets::wantsElements(const NftPlace& place) {
    const auto wanted = sets_.find(place);
    if (wanted == sets_.end() || !wanted->second.found) return false;
    const FoundSet& facts = wanted->second.facts;
    const bool named = (facts.flags & NFT_SET_ANONYMOUS) == 0;
    std::size_t most = ElementList::kMost;
    std::erase_if(wanted->second.lookups, [&](PendingLookup& pending) {
        if (!cutKey(pending.lookup, facts.keySize)) return true;
        if (!named || isSmall(pending.lookup)) return false;
        most = kMostForwards;
        return !leadsElsewhere(pending.lookup);
    });
    // Packets themselves, and time, change such sets, and nothing says so.
    const bool moves = (facts.flags & (NFT_SET_EVAL | NFT_SET_TIMEOUT)) != 0;
    elements_.clear(most);
    return !moves && !wanted->second.lookups.empty();
}

void NftSets::fill(const NftPlace& place, Ruleset& rules, const ElementList::ChainOf& chainOf) {
    const auto wanted = sets_.find(place);
    if (wanted == sets_.end()) return;
    wanted->second.read = elements_.isComplete();
    for (const PendingLookup& pending : wanted->second.lookups) {
        const auto keys = elements_.keys(pending.lookup, wanted->second.facts.flags);
        if (!keys) continue;
        for (const LookupUse& use : pending.lookup.uses) {
            std::vector<Step>& steps = rules.chains[pending.chain].steps;
            const std::size_t step = pending.firstStep + use.step;
            if (step < steps.size()) fill(steps[step], pending.lookup, use, keys, chainOf);
        }
    }
    wanted->second.lookups.clear();
    elements_.clear();
}

void NftSets::fill(Step& step, const Lookup& lookup, const LookupUse& use,
                   const std::shared_ptr<const Set>& keys,
                   const ElementList::ChainOf& chainOf) const {
    if (auto* const membership = std::get_if<Membership>(&step)) {
        membership->operands = operandsOf(lookup);
        membership->set = keys;
    } else if (auto* const map = std::get_if<VerdictMap>(&step)) {
        map->operands = operandsOf(lookup);
        map->keys = keys;
        map->verdicts = elements_.verdicts(chainOf);
    } else if (auto* const translation = std::get_if<Translation>(&step)) {
        translation->map = std::make_shared<const Translation::Map>(
            Translation::Map{operandsOf(lookup), keys, elements_.targets(use.target)});
    }
}

std::vector<NftPlace> NftSets::named() const {
    std::vector<NftPlace> places;
    for (const auto& [place, wanted] : sets_)
        if (wanted.read && (wanted.facts.flags & NFT_SET_ANONYMOUS) == 0) places.push_back(place);
    return places;
}

}  // namespace igd::inspect
