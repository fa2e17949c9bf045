// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's neighbour tables (ARP, neighbour discovery).
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <optional>

namespace igd {

/// The hardware address of `host` as the kernel knows it on `interface`; nullopt when it knows none, or
/// cannot be asked.
[[nodiscard]] std::optional<MacAddress> hardwareAddressOf(const InterfaceName& interface,
                                                          const IpAddress& host);

}  // namespace igd
