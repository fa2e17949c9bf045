// SPDX-License-Identifier: GPL-2.0-or-later
#include "ledger.h"

#include <algorithm>
#include <limits>

namespace igd {
namespace {

constexpr std::uint32_t kLastId = std::numeric_limits<std::uint32_t>::max();

/// Walks an ordered index from `first` while `belongs`, at most `limit` entries.
template <class Index, class Iterator, class Belongs>
std::vector<const Opening*> collect(const Index& index, Iterator first, Belongs belongs,
                                    std::size_t limit = std::numeric_limits<std::size_t>::max()) {
    std::vector<const Opening*> found;
    for (auto entry = first; entry != index.end() && belongs(*entry) && found.size() < limit;
         ++entry)
        found.push_back(&entry->opening);
    return found;
}

}  // namespace

const Opening* Ledger::find(const OpeningName& name) const {
    const auto& byName = entries_.get<ByName>();
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : &found->opening;
}

const Opening* Ledger::byPinholeId(PinholeId id) const {
    const auto& byId = entries_.get<ByPinholeId>();
    const auto found = byId.find(id);
    return id == 0 || found == byId.end() ? nullptr : &found->opening;
}

const Opening* Ledger::mappingAt(std::size_t index) const {
    if (index >= count(OpeningKind::Mapping)) return nullptr;
    return &entries_.get<ByPlace>().nth(index)->opening;  // mappings are the first kind
}

const Opening* Ledger::mappingAt(const Account& account, std::size_t index) const {
    const auto& own = entries_.get<ByOwnPlace>();
    const auto first = own.lower_bound(Entry::OwnPlace{account, OpeningKind::Mapping, 0});
    const auto entry = own.nth(own.rank(first) + index);
    const bool found = entry != own.end() && entry->opening.account == account &&
                       entry->opening.kind == OpeningKind::Mapping;
    return found ? &entry->opening : nullptr;
}

std::size_t Ledger::count(OpeningKind kind) const {
    const auto& places = entries_.get<ByPlace>();
    return places.upper_bound_rank(Entry::Place{kind, kLastId}) -
           places.lower_bound_rank(Entry::Place{kind, 0});
}

std::size_t Ledger::countOf(const Account& account) const {
    const auto& own = entries_.get<ByOwnPlace>();
    return own.upper_bound_rank(Entry::OwnPlace{account, OpeningKind::Peer, kLastId}) -
           own.lower_bound_rank(Entry::OwnPlace{account, OpeningKind::Mapping, 0});
}

std::size_t Ledger::countUnseen() const {
    return entries_.get<BySeen>().upper_bound_rank(false);
}

std::vector<const Opening*> Ledger::mappingsIn(Protocol protocol, const PortRange& ports,
                                               std::size_t limit) const {
    const auto& byName = entries_.get<ByName>();
    const auto belongs = [&](const Entry& entry) {
        return entry.opening.kind == OpeningKind::Mapping && entry.opening.protocol == protocol &&
               entry.opening.externalPort <= ports.last;
    };
    const OpeningName first{OpeningKind::Mapping, protocol, ports.first};
    return collect(byName, byName.lower_bound(first), belongs, limit);
}

std::vector<const Opening*> Ledger::mappingsIn(const Account& account, Protocol protocol,
                                               const PortRange& ports, std::size_t limit) const {
    const auto& byPort = entries_.get<ByOwnPort>();
    const Entry::OwnPort first{account, OpeningKind::Mapping, protocol, ports.first};
    const Entry::OwnPort last{account, OpeningKind::Mapping, protocol, ports.last};
    const auto belongs = [&](const Entry& entry) { return entry.ownPort() <= last; };
    return collect(byPort, byPort.lower_bound(first), belongs, limit);
}

std::vector<const Opening*> Ledger::leadingTo(OpeningKind kind, Protocol protocol,
                                              const IpEndpoint& internal) const {
    const auto& byInternal = entries_.get<ByInternal>();
    const Entry::Internal first{internal.address, kind, protocol, internal.port, 0};
    const Entry::Internal last{internal.address, kind, protocol, internal.port, kLastId};
    const auto belongs = [&](const Entry& entry) { return entry.internal() <= last; };
    return collect(byInternal, byInternal.lower_bound(first), belongs);
}

std::vector<const Opening*> Ledger::ofClient(const IpAddress& client) const {
    const auto& byInternal = entries_.get<ByInternal>();
    const Entry::Internal first{client, OpeningKind::Mapping, Protocol{}, Port{0}, 0};
    const auto belongs = [&](const Entry& entry) {
        return entry.opening.internal.address == client;
    };
    return collect(byInternal, byInternal.lower_bound(first), belongs);
}

std::vector<const Opening*> Ledger::ofKind(OpeningKind kind) const {
    const auto& places = entries_.get<ByPlace>();
    const auto belongs = [kind](const Entry& entry) { return entry.opening.kind == kind; };
    return collect(places, places.lower_bound(Entry::Place{kind, 0}), belongs);
}

std::vector<const Opening*> Ledger::page(OpeningKind kind, std::size_t from,
                                         std::size_t most) const {
    const auto& places = entries_.get<ByPlace>();
    const auto first = places.nth(places.lower_bound_rank(Entry::Place{kind, 0}) + from);
    const auto belongs = [kind](const Entry& entry) { return entry.opening.kind == kind; };
    return collect(places, first, belongs, most);
}

std::vector<const Opening*> Ledger::all() const {
    const auto& places = entries_.get<ByPlace>();
    return collect(places, places.begin(), [](const Entry&) { return true; });
}

std::vector<const Opening*> Ledger::endingBy(TimePoint now) const {
    const auto& byEnd = entries_.get<ByEnd>();
    return collect(byEnd, byEnd.begin(), [now](const Entry& entry) { return entry.end() <= now; });
}

std::optional<TimePoint> Ledger::nextEnd() const {
    const auto& byEnd = entries_.get<ByEnd>();
    if (byEnd.empty() || byEnd.begin()->end() == TimePoint::max()) return std::nullopt;
    return byEnd.begin()->end();
}

const Opening& Ledger::put(Opening opening) {
    auto& byName = entries_.get<ByName>();
    const auto found = byName.find(opening.name());
    if (opening.id == 0 && found != byName.end()) opening.id = found->opening.id;
    const auto& places = entries_.get<ByPlace>();
    const auto holder = places.find(Entry::Place{opening.kind, opening.id});
    if (holder != places.end() && holder->name() != opening.name()) opening.id = 0;
    lastId_ = std::max(lastId_, opening.id);
    if (opening.id == 0) opening.id = ++lastId_;
    if (found == byName.end()) return byName.insert({std::move(opening)}).first->opening;
    byName.replace(found, {std::move(opening)});
    return found->opening;
}

void Ledger::erase(const OpeningName& name) {
    entries_.get<ByName>().erase(name);
}

}  // namespace igd
