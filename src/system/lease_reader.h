// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a lease file's text: whatever stands in it, what comes out is sound.
#pragma once

#include "upnpd/system/lease_file.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace igd::lease {

/// Where a reader of the file stands: without it times are compared with the wall clock alone.
struct Boot {
    std::string id{};        ///< the kernel's name for its present run
    WallTime lastWritten{};  ///< when the file was
};

struct ReadLeases {
    std::vector<Opening> openings;      ///< those that still run, as first added
    std::vector<std::size_t> badLines;  ///< numbers of lines that are none of ours
};

/// Longer lines are none of ours.
constexpr std::size_t kLongestLine = 8192;

/// Ends are capped at `longest` from now, so that a wall clock that jumped back prolongs nothing
/// for ever. A last line without its end was torn by a crash: it is neither read nor bad.
[[nodiscard]] ReadLeases readLeases(std::string_view text, const Now& now, Seconds longest,
                                    const Boot& boot = {});

}  // namespace igd::lease
