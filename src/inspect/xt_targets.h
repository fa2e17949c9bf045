// SPDX-License-Identifier: GPL-2.0-or-later
// Targets of x_tables by name.
#pragma once

#include "xt_values.h"

#include <string_view>

namespace igd::inspect::xt {

/// Appends the steps of one target; false: it is of another revision or too short.
using Target = bool (*)(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);

/// Returns the decoder of that target; nullptr: it is not known here.
[[nodiscard]] Target targetOf(std::string_view name);

}  // namespace igd::inspect::xt
