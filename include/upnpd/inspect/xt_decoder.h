// SPDX-License-Identifier: GPL-2.0-or-later
// Matches and targets of x_tables (linux/netfilter/xt_*.h) as steps of the model: those of a legacy
// table, and those that iptables-nft puts into nftables. Their octets are in the order of the host.
// Pure.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd::inspect {

/// Appends the steps that are one match of a rule; none for a match that fits any packet. `info` is
/// what follows the header of the match. One that is not known here, or too short for its kind,
/// becomes Guess{Unknown}.
void decodeXtMatch(std::vector<Step>& steps, std::string_view name, std::uint8_t revision,
                   std::span<const std::byte> info, bool ipv6);

/// Appends the steps that are the target of a rule, but for jumps and for the verdicts of the
/// kernel's standard target; none for a target that leaves the packet as it is. One that is not
/// known here, or too short for its kind, becomes a Verdict that is Unknown.
void decodeXtTarget(std::vector<Step>& steps, std::string_view name, std::uint8_t revision,
                    std::span<const std::byte> info, bool ipv6);

/// Returns the text of a match "comment"; nullopt: it is another match.
[[nodiscard]] std::optional<std::string> xtComment(std::string_view name,
                                                   std::span<const std::byte> info);

}  // namespace igd::inspect
