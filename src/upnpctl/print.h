// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's answers are written for people here.
#pragma once

#include "daemon.h"

#include <string>
#include <vector>

namespace igd::ctl {

[[nodiscard]] std::string statusText(const Json& status);
/// Returns one line per mapping below a heading, with columns as wide as they need to be.
[[nodiscard]] std::string listText(const std::vector<Json>& mappings);
/// Returns one line per pinhole below a heading; nothing when there are none.
[[nodiscard]] std::string pinholesText(const std::vector<Json>& pinholes);

/// Returns the same for the flows that PCP's PEER keeps.
[[nodiscard]] std::string flowsText(const std::vector<Json>& flows);

/// Returns "for ever" (0), "59s", "42m 10s", "1h 58m", "3d 4h".
[[nodiscard]] std::string leaseText(std::int64_t seconds);

/// Returns upnpd's remarks about the configuration, one line each, and that it is in force.
[[nodiscard]] std::string reloadText(const Json& answer);

}  // namespace igd::ctl
