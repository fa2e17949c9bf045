// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/opening_lists.h"

#include "ledger.h"

#include <algorithm>
#include <set>

namespace igd {

Result<MappingView> OpeningLists::find(const MappingKey& key, const Host& requester,
                                       TimePoint now) const {
    const Opening* const opening = ledger_.find(key);
    if (opening == nullptr) return fail(MappingError::NotFound);
    if (!policy_.config().listAll && !isOf(*opening, requester))
        return fail(MappingError::NotAuthorized);
    return viewOf(*opening, now, key.externalPort);
}

Result<MappingView> OpeningLists::at(std::uint32_t index, const Host& requester,
                                     TimePoint now) const {
    const Opening* const opening = policy_.config().listAll
                                       ? ledger_.mappingAt(index)
                                       : ledger_.mappingAt(accountOf(requester), index);
    if (opening == nullptr) return fail(MappingError::IndexOutOfRange);
    return viewOf(*opening, now);
}

Result<std::vector<MappingView>> OpeningLists::range(const RangeRequest& request,
                                                     const Host& requester, std::size_t limit,
                                                     TimePoint now) const {
    const bool others = request.manage &&
                        (policy_.config().deleteAll || policy_.mayActForOthers(requester.address));
    const auto found =
        others ? ledger_.mappingsIn(request.protocol, request.ports, limit)
               : ledger_.mappingsIn(accountOf(requester), request.protocol, request.ports, limit);
    if (found.empty()) return fail(MappingError::NotFound);
    std::vector<MappingView> views;
    views.reserve(found.size());
    for (const Opening* const opening : found)
        views.push_back(
            viewOf(*opening, now, std::max(opening->externalPort, request.ports.first)));
    return views;
}

std::optional<IpAddress> OpeningLists::clientOf(PinholeId id) const {
    const Opening* const pinhole = ledger_.byPinholeId(id);
    return pinhole == nullptr ? std::nullopt : std::optional{pinhole->internal.address};
}

std::vector<Opening> OpeningLists::page(OpeningKind kind, std::size_t from,
                                        std::size_t most) const {
    std::vector<Opening> page;
    for (const Opening* const opening : ledger_.page(kind, from, most)) page.push_back(*opening);
    return page;
}

OpeningLists::Part OpeningLists::part(std::size_t from, std::size_t most, const Host* host) const {
    std::vector<const Opening*> all = ledger_.all();
    if (host != nullptr)
        std::erase_if(all, [&](const Opening* opening) { return !isOf(*opening, *host); });
    std::ranges::sort(all, {}, &Opening::id);
    Part part{{}, all.size()};
    for (std::size_t i = from; i < all.size() && i - from < most; ++i)
        part.openings.push_back(*all[i]);
    return part;
}

std::vector<Opening> OpeningLists::all() const {
    std::vector<Opening> all;
    for (const Opening* const opening : ledger_.all()) all.push_back(*opening);
    return all;
}

std::size_t OpeningLists::count(OpeningKind kind) const {
    return ledger_.count(kind);
}

std::size_t OpeningLists::size() const {
    return ledger_.size();
}

std::vector<IpAddress> OpeningLists::clients() const {
    std::set<IpAddress> clients;
    for (const Opening* const opening : ledger_.all()) clients.insert(opening->internal.address);
    return {clients.begin(), clients.end()};
}

}  // namespace igd
