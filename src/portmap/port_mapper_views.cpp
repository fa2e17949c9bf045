// SPDX-License-Identifier: GPL-2.0-or-later
// The port mapper as it is read.
#include "mapping_table.h"

#include "upnpd/portmap/port_mapper.h"

#include <algorithm>

namespace igd {

Result<MappingView> PortMapper::find(const MappingKey& key, TimePoint now) const {
    const Mapping* const mapping = table_->find(key);
    if (mapping == nullptr) return fail(MappingError::NotFound);
    return viewOf(*mapping, now);
}

Result<MappingView> PortMapper::at(std::uint32_t index, TimePoint now) const {
    const Mapping* const mapping = table_->at(index);
    if (mapping == nullptr) return fail(MappingError::IndexOutOfRange);
    return viewOf(*mapping, now);
}

Result<MappingView> PortMapper::find(const MappingKey& key, Ipv4Address requester,
                                     TimePoint now) const {
    const Mapping* const mapping = table_->find(key);
    if (mapping == nullptr) return fail(MappingError::NotFound);
    if (!policy_.mayRead(*mapping, requester)) return fail(MappingError::NotAuthorized);
    return viewOf(*mapping, now);
}

Result<MappingView> PortMapper::at(std::uint32_t index, Ipv4Address requester,
                                   TimePoint now) const {
    const Mapping* const mapping = table_->at(index);
    if (mapping == nullptr) return fail(MappingError::IndexOutOfRange);
    if (!policy_.mayRead(*mapping, requester)) return fail(MappingError::NotAuthorized);
    return viewOf(*mapping, now);
}

Result<std::vector<MappingView>> PortMapper::list(const RangeRequest& request, std::size_t limit,
                                                  TimePoint now) const {
    if (policy_.refusesRange(request)) return fail(MappingError::NotAuthorized);
    auto mappings = inRange(request);
    const bool others =
        request.manage && (policy_.config().deleteAll || policy_.config().allowThirdParty);
    std::erase_if(mappings, [&](const Mapping& mapping) {
        return !others && mapping.internal.address != request.requester;
    });
    if (mappings.empty()) return fail(MappingError::NotFound);
    std::ranges::sort(mappings, {},
                      [](const Mapping& mapping) { return mapping.key.externalPort; });
    std::vector<MappingView> views;
    for (const Mapping& mapping : mappings)
        if (views.size() < limit) views.push_back(viewOf(mapping, now));
    return views;
}

std::size_t PortMapper::size() const {
    return table_->size();
}

std::vector<Mapping> PortMapper::inRange(const RangeRequest& request) const {
    std::vector<Mapping> found;
    for (Mapping& mapping : table_->all())
        if (mapping.key.protocol == request.protocol &&
            request.ports.contains(mapping.key.externalPort))
            found.push_back(std::move(mapping));
    return found;
}

std::optional<TimePoint> PortMapper::nextExpiry() const {
    return table_->nextExpiry();
}

std::vector<Mapping> PortMapper::all() const {
    return table_->all();
}

}  // namespace igd
