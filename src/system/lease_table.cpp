// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_table.h"

namespace igd::lease {

bool LeaseTable::put(const Opening& opening) {
    const OpeningName name = opening.name();
    if (opening.claims.empty()) {
        erase(name);
        return true;
    }
    if (const Opening* holder = opening.pinholeId ? find(*opening.pinholeId) : nullptr;
        holder != nullptr && holder->name() != name)
        return false;
    const auto [place, isNew] = places_.try_emplace(name, openings_.size());
    if (isNew) openings_.emplace_back();
    Opening& stored = openings_[place->second];
    if (stored.pinholeId) byId_.erase(*stored.pinholeId);
    if (opening.pinholeId) byId_.emplace(*opening.pinholeId, name);
    stored = opening;
    return true;
}

void LeaseTable::erase(const OpeningName& name) {
    const auto place = places_.find(name);
    if (place == places_.end()) return;
    Opening& erased = openings_[place->second];
    if (erased.pinholeId) byId_.erase(*erased.pinholeId);
    erased = {};
    places_.erase(place);
}

const Opening* LeaseTable::find(const OpeningName& name) const {
    const auto place = places_.find(name);
    return place == places_.end() ? nullptr : &openings_[place->second];
}

const Opening* LeaseTable::find(PinholeId id) const {
    const auto name = byId_.find(id);
    return name == byId_.end() ? nullptr : find(name->second);
}

std::vector<Opening> LeaseTable::runningAt(TimePoint now) const {
    std::vector<Opening> running;
    running.reserve(places_.size());
    for (const Opening& opening : openings_) {
        Opening held = heldAt(opening, now);
        if (held.claimOf(Origin::Igd) == nullptr) held.pinholeId.reset();
        if (!held.claims.empty()) running.push_back(std::move(held));
    }
    return running;
}

}  // namespace igd::lease
