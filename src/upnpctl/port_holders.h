// SPDX-License-Identifier: GPL-2.0-or-later
// Names the programs that have a port of this host, as /proc tells them.
#pragma once

#include "upnpd/net/retries.h"

#include <filesystem>
#include <string>

namespace igd::ctl {

/// Returns "miniupnpd (pid 812)", or several with commas: the programs other than upnpd whose
/// socket keeps `wanted` from being bound. Only root sees the sockets of all; empty when none is
/// seen.
[[nodiscard]] std::string holdersOf(const SocketName& wanted,
                                    const std::filesystem::path& proc = "/proc");

}  // namespace igd::ctl
