// SPDX-License-Identifier: GPL-2.0-or-later
// From the arguments of the port mapping actions to the words of the core, checked in one fixed order
// (IGD-AddPortMapping: protocol, addresses, wildcards; the access policy is the engine's).
#pragma once

#include "arguments.h"
#include "upnpd/portmap/mapping.h"

#include <optional>

namespace igd {

/// Which mapping is meant. `externalPort` may be 0 here; what that means is the action's business.
struct MappingSelector {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
};

/// Of NewProtocol, NewRemoteHost, NewExternalPort. Errors: 601, 600.
[[nodiscard]] tl::expected<MappingSelector, UpnpError> mappingSelector(const Arguments& in);

/// Of all eight arguments of AddPortMapping. Errors: 601, 600, 715, 716, 402.
[[nodiscard]] tl::expected<MappingRequest, UpnpError> mappingRequest(const Arguments& in,
                                                                     Ipv4Address requester);

}  // namespace igd
