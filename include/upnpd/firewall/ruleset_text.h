// SPDX-License-Identifier: GPL-2.0-or-later
// The host's rules as their own tools write them, for the room that judges them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace igd {

struct RulesetText {
    std::string nftJson;  ///< `nft -j list ruleset`; empty: the kernel has no nftables
    std::string nftText;  ///< `nft -a list ruleset`
    std::optional<std::string> iptablesNft;  ///< iptables-nft-save, where it manages tables
    std::optional<std::string> legacy;  ///< iptables-legacy-save, where legacy tables are there
    std::vector<std::string> missing;   ///< what could not be read, a sentence each
};

/// Reads them all, elements of sets included. Needs CAP_NET_ADMIN; nullopt without it.
[[nodiscard]] std::optional<RulesetText> readRulesets();

}  // namespace igd
