// SPDX-License-Identifier: GPL-2.0-or-later
// Announcements and answers come from the same rows (UDA 1.0 section 1.1.2).
#include "upnpd/igd/description.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <cstdint>

namespace igd {
namespace {

/// A type and its version: "urn:...:InternetGatewayDevice" and 1.
struct VersionedType {
    std::string_view name;
    std::uint32_t version{};
};

/// Returns nullopt for a text that is no type, or has no version, or one that is not written as a
/// plain number from 1.
std::optional<VersionedType> versionedType(std::string_view text) {
    const auto colon = text.rfind(':');
    if (!equalsIgnoringCase(text.substr(0, 4), "urn:") || colon == std::string_view::npos)
        return std::nullopt;
    const auto digits = text.substr(colon + 1);
    const auto version = parseUnsigned<std::uint32_t>(digits);
    if (!version || digits.starts_with('0')) return std::nullopt;
    return VersionedType{text.substr(0, colon), *version};
}

/// Returns `own` with the version of `wanted`, when that is the same type in a lower version;
/// otherwise nullopt.
std::optional<std::string> lowered(std::string_view own, std::string_view wanted) {
    const auto ours = versionedType(own);
    const auto theirs = versionedType(wanted);
    if (!ours || !theirs || !equalsIgnoringCase(ours->name, theirs->name)) return std::nullopt;
    if (theirs->version >= ours->version) return std::nullopt;
    return std::string{ours->name} + ':' + std::to_string(theirs->version);
}

std::string_view udnOf(const SearchTarget& row) {
    return std::string_view{row.usn}.substr(0, row.usn.find("::"));
}

}  // namespace

std::vector<SearchTarget> searchTargets(const DeviceIdentity& identity) {
    std::vector<SearchTarget> rows;
    const auto add = [&](const std::string& udn, std::string_view target) {
        rows.push_back({std::string{target}, udn + "::" + std::string{target}});
    };
    add(udn(identity, rootDevice(identity.profile).role), "upnp:rootdevice");
    for (const Device* device = &rootDevice(identity.profile); device != nullptr;
         device = device->child) {
        const auto name = udn(identity, device->role);
        rows.push_back({name, name});
        add(name, device->type);
    }
    for (const Device* device = &rootDevice(identity.profile); device != nullptr;
         device = device->child) {
        for (const Service* service : device->services)
            add(udn(identity, device->role), service->type);
    }
    return rows;
}

std::vector<SearchTarget> answersTo(std::string_view st, const DeviceIdentity& identity) {
    auto rows = searchTargets(identity);
    if (equalsIgnoringCase(st, "ssdp:all")) return rows;
    std::vector<SearchTarget> answers;
    for (const auto& row : rows) {
        if (equalsIgnoringCase(row.target, st))
            answers.push_back(row);
        else if (const auto target = lowered(row.target, st))
            answers.push_back({*target, std::string{udnOf(row)} + "::" + *target, true});
    }
    return answers;
}

}  // namespace igd
