// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the lease files of DHCP servers: dnsmasq, odhcpd (and its files of hosts), Kea (memfile of
// IPv4 and of IPv6), systemd-networkd, ISC dhcpd. A file is known by what it holds, not by its
// place.
#pragma once

#include "upnpd/names/named_host.h"

#include <string_view>
#include <vector>

namespace igd {

/// Octets of a file that are looked at.
constexpr std::size_t kMaxLeaseFile = 1 << 20;

/// Returns the hosts in `file`, which has leases that ended left out where it says so; each address
/// once, as the file has it last. Hosts without a name and without a hardware address are left out.
[[nodiscard]] std::vector<NamedHost> hostsIn(std::string_view file);

}  // namespace igd
