// SPDX-License-Identifier: GPL-2.0-or-later
// The settings, written for people.
#pragma once

#include "daemon.h"

#include <string>
#include <vector>

namespace igd::ctl {

/// Returns whether that setting has no place in a report of an error: it is the default, or tells
/// which router it is (`uuid`).
[[nodiscard]] bool isUnchanged(const Json& setting);

/// Returns lines as the file has them, each with the place that says so: "lease_max = 60
/// (/etc/linuxigd/upnpd.conf:3)".
[[nodiscard]] std::string configText(const std::vector<Json>& settings);

}  // namespace igd::ctl
