// SPDX-License-Identifier: GPL-2.0-or-later
#include "mapping_table.h"

namespace igd {

std::uint32_t MappingTable::packed(const MappingKey& key) {
    return static_cast<std::uint32_t>(key.protocol) << 16 | key.externalPort.value;
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
    return byEnd.empty() ? std::nullopt : byEnd.begin()->mapping.expiresAt;
}

std::vector<Mapping> MappingTable::all() const {
    std::vector<Mapping> result;
    result.reserve(size());
    for (const Entry& entry : entries_.get<BySerial>()) result.push_back(entry.mapping);
    return result;
}

}  // namespace igd
