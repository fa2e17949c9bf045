// SPDX-License-Identifier: GPL-2.0-or-later
// Targets of x_tables that translate addresses.
#pragma once

#include "xt_values.h"

namespace igd::inspect::xt {

/// Each appends the steps of one target; false: it is of another revision or too short.
bool dnat(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
bool snat(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
bool masquerade(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
bool redirect(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
/// In a chain of what comes in it leads elsewhere; in one of what leaves it is another source.
bool netmap(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);

}  // namespace igd::inspect::xt
