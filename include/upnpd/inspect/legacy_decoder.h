// SPDX-License-Identifier: GPL-2.0-or-later
// A table of ip_tables or ip6_tables, as the kernel hands it out, in the words of the model. Pure.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace igd::inspect {

/// The frame of a table (struct ipt_getinfo, struct ip6t_getinfo of the kernel). The arrays have a
/// place for each hook, NF_INET_PRE_ROUTING to NF_INET_POST_ROUTING.
struct LegacyFrame {
    static constexpr std::size_t kHooks = 5;
    std::uint32_t validHooks = 0;                   ///< one bit for each hook
    std::array<std::uint32_t, kHooks> hookEntry{};  ///< where its chain begins, in octets
    std::array<std::uint32_t, kHooks> underflow{};  ///< where that chain's policy stands
};

/// Adds the chains of one table to `rules`. `entries` is what IPT_SO_GET_ENTRIES (or
/// IP6T_SO_GET_ENTRIES) has as entrytable. Chains whose names begin with "UPNPD" are `own`; a rule
/// elsewhere whose comment begins with `tag` is one of ours. Returns false, with nothing added,
/// when the octets are no such table.
[[nodiscard]] bool addLegacyTable(Ruleset& rules, std::string_view table, bool ipv6,
                                  const LegacyFrame& frame, std::span<const std::byte> entries,
                                  std::string_view tag);

}  // namespace igd::inspect
