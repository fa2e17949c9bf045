// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/mapping.h"

#include <fmt/format.h>

namespace igd {

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
        case MappingError::NoInternalAddress:
            return "no-ipv4";
        case MappingError::TooManyFilters:
            return "filters";
        case MappingError::NotFound:
            return "not-found";
        case MappingError::IndexOutOfRange:
            return "index";
        case MappingError::Backend:
            return "firewall";
        case MappingError::NotApproved:
            return "not-approved";
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
        case Origin::Admin:
            return "admin";
    }
    return "unknown";
}

std::string_view logName(Origin origin) {
    return origin == Origin::Igd ? "upnp" : name(origin);
}

std::string toString(const MappingKey& key) {
    return fmt::format("{} {}", lowerName(key.protocol), key.externalPort.value);
}

}  // namespace igd
