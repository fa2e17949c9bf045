// SPDX-License-Identifier: GPL-2.0-or-later
// One line of iptables-save, "-A CHAIN ...", becomes steps.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <string>
#include <string_view>
#include <vector>

namespace igd::inspect {

/// Returns the words of a line; a word in double quotes is one, with a backslash before a quoted
/// character.
[[nodiscard]] std::vector<std::string> iptablesWords(std::string_view line);

/// Reads the words behind "-A CHAIN". `table` begins its chains' names ("ip filter"). An unknown
/// match or target becomes a step that cannot be judged.
[[nodiscard]] std::vector<Step> iptablesSteps(const std::vector<std::string>& words,
                                              const std::string& table);

}  // namespace igd::inspect
