// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the kernel's neighbour tables (ARP, neighbour discovery) once, without rights.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"

#include <optional>

namespace igd {

/// The IPv4 address of the host that has `host` on `interface`: both have one hardware address.
/// `claimed` is the one that the host says it has; it is asked for (ARP) when it is not known yet,
/// which takes at most a third of a second and is done for two callers at a time: others have to
/// ask again. Without it, the lowest that is known. nullopt when there is none, or `claimed` is
/// another's.
[[nodiscard]] std::optional<Ipv4Address> ipv4AddressOf(const InterfaceName& interface,
                                                       const Ipv6Address& host,
                                                       std::optional<Ipv4Address> claimed);

}  // namespace igd
