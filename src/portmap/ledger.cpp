// SPDX-License-Identifier: GPL-2.0-or-later
#include "ledger.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace igd {
namespace {

constexpr std::uint32_t kLastId = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t kMostPorts = std::numeric_limits<std::uint16_t>::max();

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

void Ledger::More::add(const Opening& opening) {
    if (!opening.isSet()) return;
    const std::size_t more = opening.portCount - 1U;
    all += more;
    of[opening.account] += more;
    if (!opening.hostSeen) unseen += more;
}

void Ledger::More::take(const Opening& opening) {
    if (!opening.isSet()) return;
    const std::size_t less = opening.portCount - 1U;
    all -= less;
    const auto own = of.find(opening.account);
    if ((own->second -= less) == 0) of.erase(own);
    if (!opening.hostSeen) unseen -= less;
}

const Opening* Ledger::find(const OpeningName& name) const {
    const auto& byName = entries_.get<ByName>();
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : &found->opening;
}

/// External ports of mappings do not overlap: the last that begins at the port or before it.
const Opening* Ledger::find(const MappingKey& key) const {
    const auto& byName = entries_.get<ByName>();
    const auto after = byName.upper_bound(OpeningName{.kind = OpeningKind::Mapping,
                                                      .protocol = key.protocol,
                                                      .externalPort = key.externalPort,
                                                      .portCount = kMostPorts});
    if (after == byName.begin()) return nullptr;
    const Opening& candidate = std::prev(after)->opening;
    const bool holds = candidate.kind == OpeningKind::Mapping &&
                       candidate.protocol == key.protocol &&
                       candidate.externalPorts().contains(key.externalPort);
    return holds ? &candidate : nullptr;
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

std::size_t Ledger::portsOf(const Account& account) const {
    const auto& own = entries_.get<ByOwnPlace>();
    const auto more = more_.of.find(account);
    return (more == more_.of.end() ? 0 : more->second) +
           own.upper_bound_rank(Entry::OwnPlace{account, OpeningKind::Peer, kLastId}) -
           own.lower_bound_rank(Entry::OwnPlace{account, OpeningKind::Mapping, 0});
}

std::size_t Ledger::portsOfUnseen() const {
    return more_.unseen + entries_.get<BySeen>().upper_bound_rank(false);
}

std::vector<const Opening*> Ledger::mappingsIn(Protocol protocol, const PortRange& ports,
                                               std::size_t limit) const {
    const auto& byName = entries_.get<ByName>();
    const auto belongs = [&](const Entry& entry) {
        return entry.opening.kind == OpeningKind::Mapping && entry.opening.protocol == protocol &&
               entry.opening.externalPort <= ports.last;
    };
    const Opening* const around = find(MappingKey{protocol, ports.first});
    const Port begin = around != nullptr ? around->externalPort : ports.first;
    const OpeningName first{
        .kind = OpeningKind::Mapping, .protocol = protocol, .externalPort = begin};
    return collect(byName, byName.lower_bound(first), belongs, limit);
}

std::vector<const Opening*> Ledger::mappingsIn(const Account& account, Protocol protocol,
                                               const PortRange& ports, std::size_t limit) const {
    const auto& byPort = entries_.get<ByOwnPort>();
    const Opening* const around = find(MappingKey{protocol, ports.first});
    const Port begin =
        around != nullptr && around->account == account ? around->externalPort : ports.first;
    const Entry::OwnPort first{account, OpeningKind::Mapping, protocol, begin};
    const Entry::OwnPort last{account, OpeningKind::Mapping, protocol, ports.last};
    const auto belongs = [&](const Entry& entry) { return entry.ownPort() <= last; };
    return collect(byPort, byPort.lower_bound(first), belongs, limit);
}

std::vector<const Opening*> Ledger::leadingTo(OpeningKind kind, Protocol protocol,
                                              const IpEndpoint& internal) const {
    const auto& byInternal = entries_.get<ByInternal>();
    const unsigned reach = std::min<unsigned>(largestSet_ - 1U, internal.port.value);
    const Port begin{static_cast<std::uint16_t>(internal.port.value - reach)};
    const Entry::Internal first{internal.address, kind, protocol, begin, 0};
    const Entry::Internal last{internal.address, kind, protocol, internal.port, kLastId};
    const auto belongs = [&](const Entry& entry) { return entry.internal() <= last; };
    auto found = collect(byInternal, byInternal.lower_bound(first), belongs);
    std::erase_if(found, [&](const Opening* opening) {
        return !opening->internalPorts().contains(internal.port);
    });
    if (reach != 0) std::ranges::sort(found, {}, &Opening::id);
    return found;
}

std::optional<Port> Ledger::nextLedTo(OpeningKind kind, Protocol protocol,
                                      const IpEndpoint& internal) const {
    const auto& byInternal = entries_.get<ByInternal>();
    const auto next = byInternal.upper_bound(
        Entry::Internal{internal.address, kind, protocol, internal.port, kLastId});
    const bool isSuch = next != byInternal.end() && next->opening.kind == kind &&
                        next->opening.protocol == protocol &&
                        next->opening.internal.address == internal.address;
    return isSuch ? std::optional{next->opening.internal.port} : std::nullopt;
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

std::vector<const Opening*> Ledger::endingBy(TimePoint now, std::size_t most) const {
    const auto& byEnd = entries_.get<ByEnd>();
    const auto isOver = [now](const Entry& entry) { return entry.end() <= now; };
    return collect(byEnd, byEnd.begin(), isOver, most);
}

std::optional<TimePoint> Ledger::nextEnd() const {
    const auto& byEnd = entries_.get<ByEnd>();
    if (byEnd.empty() || byEnd.begin()->end() == TimePoint::max()) return std::nullopt;
    return byEnd.begin()->end();
}

const PortMask& Ledger::externalPorts(Protocol protocol) const {
    static const PortMask kNone;
    const auto found = external_.find(protocol);
    return found == external_.end() ? kNone : found->second;
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
    largestSet_ = std::max(largestSet_, opening.portCount);
    if (found != byName.end()) more_.take(found->opening);
    more_.add(opening);
    if (opening.kind == OpeningKind::Mapping)  // one with its name has its ports
        external_[opening.protocol].insert(opening.externalPorts());
    if (found == byName.end()) return byName.insert({std::move(opening)}).first->opening;
    byName.replace(found, {std::move(opening)});
    return found->opening;
}

void Ledger::erase(const OpeningName& name) {
    auto& byName = entries_.get<ByName>();
    const auto found = byName.find(name);
    if (found == byName.end()) return;
    const Opening& opening = found->opening;
    more_.take(opening);
    if (opening.kind == OpeningKind::Mapping)
        external_[opening.protocol].erase(opening.externalPorts());
    byName.erase(found);
}

}  // namespace igd
