// SPDX-License-Identifier: GPL-2.0-or-later
// From the arguments of the port mapping actions to the words of the core, checked in one fixed
// order (IGD-AddPortMapping: protocol, addresses, wildcards; the access policy is the engine's).
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

/// Whether a request has to name its external port, or may leave the choice to us with a 0.
enum class ExternalPort { Named, Any };

/// Of all eight arguments of AddPortMapping and AddAnyPortMapping. Errors: 601, 600, 715, 716, 732
/// (in version 1: 402).
[[nodiscard]] tl::expected<MappingRequest, UpnpError> mappingRequest(const Service& service,
                                                                     const Arguments& in,
                                                                     Ipv4Address requester,
                                                                     ExternalPort externalPort);

/// Of NewStartPort, NewEndPort, NewProtocol, NewManage. Errors: 601, 733.
[[nodiscard]] tl::expected<RangeRequest, UpnpError> rangeRequest(const Arguments& in,
                                                                 Ipv4Address requester);

}  // namespace igd
