// SPDX-License-Identifier: GPL-2.0-or-later
// One line of iptables-save, "-A CHAIN ...", as steps.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <string>
#include <vector>

namespace igd::inspect {

/// Returns the steps of the words behind "-A CHAIN". `table` is the beginning of its chains' names
/// ("ip filter"). A match or target that is not known here becomes a step that cannot be judged.
[[nodiscard]] std::vector<Step> iptablesSteps(const std::vector<std::string>& words,
                                              const std::string& table);

}  // namespace igd::inspect
