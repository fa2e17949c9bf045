// SPDX-License-Identifier: GPL-2.0-or-later
#include "mapping_table.h"

#include <algorithm>

namespace igd {

std::uint32_t MappingTable::packed(const MappingKey& key) {
    return static_cast<std::uint32_t>(key.protocol) << 16 | key.externalPort.value;
}

std::uint64_t MappingTable::packed(Protocol protocol, const Endpoint& internal) {
    return static_cast<std::uint64_t>(protocol) << 48 |
           static_cast<std::uint64_t>(internal.address.value()) << 16 | internal.port.value;
}

TimePoint MappingTable::Entry::end() const {
    const TimePoint own = mapping.expiresAt.value_or(TimePoint::max());
    if (!mapping.igdShare) return own;
    return std::min(own, mapping.igdShare->expiresAt.value_or(TimePoint::max()));
}

std::uint32_t MappingTable::Entry::key() const {
    return packed(mapping.key);
}

const Mapping* MappingTable::find(const MappingKey& key) const {
    const auto& byKey = entries_.get<ByKey>();
    const auto found = byKey.find(packed(key));
    return found == byKey.end() ? nullptr : &found->mapping;
}

const Mapping* MappingTable::at(std::size_t index) const {
    if (index >= size()) return nullptr;
    return &entries_.get<BySerial>().nth(index)->mapping;
}

std::size_t MappingTable::countOf(Ipv4Address internalClient) const {
    return entries_.get<ByClient>().count(internalClient.value());
}

const Mapping* MappingTable::leadingTo(Protocol protocol, const Endpoint& internal) const {
    const auto [first, last] = entries_.get<ByInternal>().equal_range(packed(protocol, internal));
    const Entry* best = nullptr;
    const auto isControlled = [](const Entry& entry) {
        return entry.mapping.origin == Origin::Pcp || entry.mapping.origin == Origin::NatPmp;
    };
    for (auto entry = first; entry != last; ++entry) {
        if (!isControlled(*entry) && entry->mapping.remoteHost) continue;
        const bool better =
            best == nullptr || (isControlled(*entry) && !isControlled(*best)) ||
            (isControlled(*entry) == isControlled(*best) && entry->serial < best->serial);
        if (better) best = &*entry;
    }
    return best == nullptr ? nullptr : &best->mapping;
}

std::vector<Mapping> MappingTable::ofClient(Ipv4Address internalClient) const {
    const auto [first, last] = entries_.get<ByClient>().equal_range(internalClient.value());
    std::vector<Mapping> result;
    for (auto entry = first; entry != last; ++entry) result.push_back(entry->mapping);
    return result;
}

void MappingTable::store(const Mapping& mapping) {
    auto& byKey = entries_.get<ByKey>();
    const auto found = byKey.find(packed(mapping.key));
    if (found == byKey.end())
        entries_.insert({nextSerial_++, mapping});
    else
        byKey.replace(found, {found->serial, mapping});
}

void MappingTable::erase(const MappingKey& key) {
    entries_.get<ByKey>().erase(packed(key));
}

std::vector<Mapping> MappingTable::endingBy(TimePoint now) const {
    std::vector<Mapping> result;
    for (const Entry& entry : entries_.get<ByEnd>()) {
        if (entry.end() > now) break;
        result.push_back(entry.mapping);
    }
    return result;
}

std::optional<TimePoint> MappingTable::nextExpiry() const {
    const auto& byEnd = entries_.get<ByEnd>();
    if (byEnd.empty() || byEnd.begin()->end() == TimePoint::max()) return std::nullopt;
    return byEnd.begin()->end();
}

std::vector<Mapping> MappingTable::all() const {
    std::vector<Mapping> result;
    result.reserve(size());
    for (const Entry& entry : entries_.get<BySerial>()) result.push_back(entry.mapping);
    return result;
}

}  // namespace igd
