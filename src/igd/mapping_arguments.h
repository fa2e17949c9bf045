// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments of the port mapping actions become the requests of the core. They are checked in
// one fixed order: protocol, addresses, wildcards. The access policy is the engine's.
#pragma once

#include "dispatch.h"

#include "upnpd/portmap/mapping.h"

#include <optional>

namespace igd {

/// The mapping that is meant. `externalPort` may be 0 here; each action knows what that means.
struct MappingSelector {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
};

/// Reads NewProtocol, NewRemoteHost and NewExternalPort. Errors: 601, 600.
[[nodiscard]] tl::expected<MappingSelector, UpnpError> mappingSelector(const Arguments& in);

/// A request has to name its external port, or may leave the choice to the router with a 0.
enum class ExternalPort { Named, Any };

/// Reads all eight arguments of AddPortMapping and AddAnyPortMapping. The client is 0.0.0.0 when a
/// requester that speaks IPv6 names none, and when it is named by an address of IPv6, which stands
/// beside it. Errors: 601, 600, 715, 716,
/// 732 (in version 1: 402).
[[nodiscard]] tl::expected<MappingRequest, UpnpError> mappingRequest(const ActionCall& call,
                                                                     ExternalPort externalPort);

/// Reads NewStartPort, NewEndPort, NewProtocol and NewManage. Errors: 601, 733.
[[nodiscard]] tl::expected<RangeRequest, UpnpError> rangeRequest(const Arguments& in,
                                                                 const IpAddress& requester);

}  // namespace igd
