// SPDX-License-Identifier: GPL-2.0-or-later
// The nftables table of pinholes, `ip6 upnpd`, without the elements of its sets: pure text.
#pragma once

#include "upnpd/net/interface_name.h"

#include <string>

namespace igd::firewall {

/// Deletes the table if it is there and lays it anew, empty. Its chain stands on the forward hook
/// at `priority` and marks the packets of pinholes, both ways through `external`.
[[nodiscard]] std::string pinholeTableScript(const InterfaceName& external, int priority);

}  // namespace igd::firewall
