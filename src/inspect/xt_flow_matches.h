// SPDX-License-Identifier: GPL-2.0-or-later
// Matches of x_tables that ask connection tracking.
#pragma once

#include "xt_values.h"

namespace igd::inspect::xt {

/// Each appends the steps of one match; false: it is of another revision or too short.
bool conntrack(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
bool state(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
bool connmark(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
bool connlimit(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);
/// A new flow has no helper.
bool helper(const Rule& rule, std::uint8_t revision, std::span<const std::byte> info);

}  // namespace igd::inspect::xt
