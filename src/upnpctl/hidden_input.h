// SPDX-License-Identifier: GPL-2.0-or-later
// Lines that are typed and not shown.
#pragma once

#include <optional>
#include <string>

namespace igd::ctl {

/// Returns a line of standard input without its end; nullopt: there is none. Reads no further.
[[nodiscard]] std::optional<std::string> inputLine();

/// Asks for a line on the terminal, which does not show it. nullopt: standard input is no terminal,
/// or ends.
[[nodiscard]] std::optional<std::string> hiddenLine(const std::string& question);

}  // namespace igd::ctl
