// SPDX-License-Identifier: GPL-2.0-or-later
// The lease files of miniupnpd, one line a mapping or pinhole:
//
//   TCP:3074:192.168.1.10:3074:1800000000:a game
//   TCP:3074:80.1.2.3:192.168.1.10:3074:1800000000:a game
//   TCP;2001:db8::5;5000;;0;7;1800000000;IGD2 pinhole
//
// The second form has a remote host. A time is Unix seconds; 0 is no end; a program that was built
// otherwise writes the seconds that were left. Pure, and fuzzed.
#pragma once

#include "lease_reader.h"

#include <string_view>

namespace igd::lease {

/// Returns whether the first line that says something is one of these.
[[nodiscard]] bool isOfMiniupnpd(std::string_view text);

/// Reads such a file. Times that were left count from `boot.lastWritten`. A pinhole keeps its id,
/// if no other one has it.
[[nodiscard]] ReadLeases readMiniupnpd(std::string_view text, const Now& now, Seconds longest,
                                       const Boot& boot = {});

}  // namespace igd::lease
