// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts as administrators name them: by an address, a hardware address or a name.
#pragma once

#include "daemon.h"

#include "upnpd/net/ip_address.h"

#include <string>
#include <vector>

namespace igd::ctl {

/// Returns the addresses of `host`, at least one. The daemon knows its LANs; a name that it does
/// not know is asked of this host's resolver. Errors: nobody knows it.
[[nodiscard]] Outcome<std::vector<IpAddress>> addressesOf(const Daemon& daemon,
                                                          const std::string& host);

/// Returns the one address of `host`, of IPv4 where it has both. Errors: as above, and several
/// hosts or addresses may be meant, which the text lists.
[[nodiscard]] Outcome<IpAddress> addressOf(const Daemon& daemon, const std::string& host);

}  // namespace igd::ctl
