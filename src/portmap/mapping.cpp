// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/mapping.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr std::uint8_t kWholeAddress = 128;

/// UPnP has no word for a prefix or for several hosts (IWF-07).
constexpr std::string_view kFiltered = " (filtered)";

std::string describedBy(const Mapping& mapping) {
    if (mapping.filters.empty()) return mapping.description;
    return mapping.description.empty()
               ? "filtered"
               : mapping.description.substr(0, kMaxDescription - kFiltered.size()) +
                     std::string{kFiltered};
}

}  // namespace

std::string_view name(MappingError error) {
    switch (error) {
        case MappingError::NotAuthorized:
            return "not-authorized";
        case MappingError::Conflict:
            return "conflict";
        case MappingError::PortInUse:
            return "port-in-use";
        case MappingError::QuotaExceeded:
            return "quota";
        case MappingError::TableFull:
            return "table-full";
        case MappingError::NoExternalAddress:
            return "no-address";
        case MappingError::TooManyFilters:
            return "filters";
        case MappingError::NotFound:
            return "not-found";
        case MappingError::IndexOutOfRange:
            return "index";
        case MappingError::Backend:
            return "firewall";
    }
    return "unknown";
}

std::string_view name(Origin origin) {
    switch (origin) {
        case Origin::Igd:
            return "igd";
        case Origin::NatPmp:
            return "nat-pmp";
        case Origin::Pcp:
            return "pcp";
        case Origin::Static:
            return "static";
    }
    return "unknown";
}

std::string toString(const MappingKey& key) {
    return fmt::format("{} {}", lowerName(key.protocol), key.externalPort.value);
}

std::optional<TimePoint> endOf(const Mapping& mapping) {
    if (!mapping.igdShare) return mapping.expiresAt;
    if (!mapping.expiresAt || !mapping.igdShare->expiresAt) return std::nullopt;
    return std::max(*mapping.expiresAt, *mapping.igdShare->expiresAt);
}

std::optional<Mapping> heldAt(const Mapping& mapping, TimePoint now) {
    const auto isOver = [now](const std::optional<TimePoint>& end) { return end && *end <= now; };
    Mapping held = mapping;
    if (held.igdShare && isOver(held.igdShare->expiresAt)) held.igdShare.reset();
    if (!isOver(held.expiresAt)) return held;
    if (!held.igdShare) return std::nullopt;
    held.origin = Origin::Igd;
    held.expiresAt = held.igdShare->expiresAt;
    held.nonce.reset();
    held.igdShare.reset();
    return held;
}

std::vector<PeerFilter> filtersOf(const Mapping& mapping) {
    if (!mapping.remoteHost) return mapping.filters;
    return {{{mappedAddress(*mapping.remoteHost), kWholeAddress}, Port{0}}};
}

void setFilters(Mapping& mapping, std::vector<PeerFilter> filters) {
    const bool single = filters.size() == 1 && filters.front().remote.length == kWholeAddress &&
                        filters.front().port == Port{0};
    mapping.remoteHost = single ? filters.front().remote.address.mapped() : std::nullopt;
    mapping.filters = single ? std::vector<PeerFilter>{} : std::move(filters);
}

MappingView viewOf(const Mapping& mapping, TimePoint now) {
    const auto end = endOf(mapping);
    const Seconds remaining = end ? secondsUntil(*end, now) : Seconds{0};
    return {mapping.key, mapping.remoteHost, mapping.internal, mapping.enabled,
            describedBy(mapping),
            // A lease in its last instant still reads 1, for 0 would say that it has no end
            // (IGD-Lease-07).
            end && remaining == Seconds{0} ? Seconds{1} : remaining, mapping.origin};
}

}  // namespace igd
