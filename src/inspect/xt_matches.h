// SPDX-License-Identifier: GPL-2.0-or-later
// Matches of x_tables by name.
#pragma once

#include "xt_values.h"

#include <string_view>

namespace igd::inspect::xt {

/// Appends the steps of one match; false: it is not known here or too short, and nothing was added.
using Match = bool (*)(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);

/// Returns the decoder of that match; nullptr: it is not known here.
[[nodiscard]] Match matchOf(std::string_view name);

}  // namespace igd::inspect::xt
