// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_listing.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd {
namespace {

/// The longest listing in octets.
constexpr std::size_t kLongest = std::size_t{400} << 10;

constexpr std::string_view kBegin =
    "<p:PortMappingList xmlns:p=\"urn:schemas-upnp-org:gw:WANIPConnection\" "
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
    "xsi:schemaLocation=\"urn:schemas-upnp-org:gw:WANIPConnection "
    "http://www.upnp.org/schemas/gw/WANIPConnection-v2.xsd\">";
constexpr std::string_view kEnd = "</p:PortMappingList>";

/// Returns one entry. The names are those of the schema, which are not the actions' in all places.
std::string entry(const MappingView& mapping) {
    return fmt::format(
        "<p:PortMappingEntry><p:NewRemoteHost>{}</p:NewRemoteHost><p:NewExternalPort>{}</"
        "p:NewExternalPort>"
        "<p:NewProtocol>{}</p:NewProtocol><p:NewInternalPort>{}</p:NewInternalPort>"
        "<p:NewInternalClient>{}</p:NewInternalClient><p:NewEnabled>{}</p:NewEnabled>"
        "<p:NewDescription>{}</p:NewDescription><p:NewLeaseTime>{}</p:NewLeaseTime></"
        "p:PortMappingEntry>",
        mapping.remoteHost ? toString(*mapping.remoteHost) : "", mapping.key.externalPort.value,
        upperName(mapping.key.protocol), mapping.internal.port.value,
        toString(mapping.internal.address), mapping.enabled ? 1 : 0,
        xmlEscaped(mapping.description), mapping.remainingLease.count());
}

}  // namespace

std::string portListing(std::span<const MappingView> mappings) {
    std::string listing{kBegin};
    for (const MappingView& mapping : mappings) {
        const std::string next = entry(mapping);
        if (listing.size() + next.size() > kLongest) break;
        listing += next;
    }
    return listing.append(kEnd);
}

}  // namespace igd
