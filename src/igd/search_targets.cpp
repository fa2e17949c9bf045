// SPDX-License-Identifier: GPL-2.0-or-later
// Announcements and answers come from the same rows (UDA 1.0 section 1.1.2). Each tree has rows of
// its own, so a search leads to a description that has what was sought.
#include "upnpd/igd/description.h"
#include "upnpd/util/text.h"

#include <algorithm>

namespace igd {

std::vector<SearchTarget> searchTargets(const DeviceIdentity& identity) {
    const Profile profile = identity.profile;
    std::vector<SearchTarget> rows;
    const auto add = [&](const std::string& udn, std::string_view target) {
        rows.push_back({std::string{target}, udn + "::" + std::string{target}, profile});
    };
    add(udn(identity, rootDevice(profile).role), "upnp:rootdevice");
    for (const Device* device = &rootDevice(profile); device != nullptr; device = device->child) {
        const auto name = udn(identity, device->role);
        rows.push_back({name, name, profile});
        add(name, device->type);
    }
    for (const Device* device = &rootDevice(profile); device != nullptr; device = device->child) {
        for (const Service* service : device->services)
            add(udn(identity, device->role), service->type);
    }
    return rows;
}

std::vector<SearchTarget> answersTo(std::string_view st, const DeviceIdentity& identity) {
    if (equalsIgnoringCase(st, "ssdp:all")) return searchTargets(asAnnounced(identity));
    const auto isSought = [st](const SearchTarget& row) {
        return equalsIgnoringCase(row.target, st);
    };
    DeviceIdentity shown = identity;
    for (const Profile profile : profilesOf(identity)) {
        shown.profile = profile;
        const auto rows = searchTargets(shown);
        const auto found = std::ranges::find_if(rows, isSought);
        if (found != rows.end()) return {*found};
    }
    return {};
}

}  // namespace igd
