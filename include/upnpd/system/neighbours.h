// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's neighbour tables (ARP, neighbour discovery).
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <optional>

namespace igd {

/// The hardware address of `host` as the kernel knows it on `interface`; nullopt when it knows
/// none, or cannot be asked.
[[nodiscard]] std::optional<MacAddress> hardwareAddressOf(const InterfaceName& interface,
                                                          const IpAddress& host);

/// Has the kernel look for the hardware address of `host` (ARP, neighbour discovery); does not wait
/// for it.
void lookForHardwareAddress(const InterfaceName& interface, const IpAddress& host);

/// The IPv4 address of the host that has `host` on `interface`: both have one hardware address.
/// `claimed` is the one that the host says it has; it is asked for (ARP) when it is not known yet,
/// which takes at most a third of a second and is done for two callers at a time: others have to
/// ask again. Without it, the lowest that is known. nullopt when there is none, or `claimed` is
/// another's.
[[nodiscard]] std::optional<Ipv4Address> ipv4AddressOf(const InterfaceName& interface,
                                                       const Ipv6Address& host,
                                                       std::optional<Ipv4Address> claimed);

}  // namespace igd
