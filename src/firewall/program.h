// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of the firewall's own, run by absolute path with an empty environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace igd::firewall {

/// The exit status is 0. The program has nothing to read and nobody sees what it writes. False also
/// when it is not there. `words` begin with its name, which is looked for in /usr/sbin and /sbin.
[[nodiscard]] bool succeeds(const std::vector<std::string>& words);

/// Returns what the program of those words writes, at most 64 MiB; nullopt when it is not there or
/// fails.
[[nodiscard]] std::optional<std::string> outputOf(const std::vector<std::string>& words);

}  // namespace igd::firewall
