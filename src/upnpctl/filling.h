// SPDX-License-Identifier: GPL-2.0-or-later
// The words behind a command are put into it.
#pragma once

#include "commands.h"
#include "words.h"

#include <string_view>

namespace igd::ctl {

/// Puts `word` into `command`, with those of `rest` that are its value.
[[nodiscard]] Complaint fill(Command& command, std::string_view word, Words& rest);

/// Complains of a command that does not say what it is about.
[[nodiscard]] Complaint lack(const Command& command);

}  // namespace igd::ctl
