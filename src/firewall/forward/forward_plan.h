// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which forward chains of others get the one rule that lets mapped packets pass: pure.
#pragma once

#include "nft/nft_ruleset.h"

#include "upnpd/firewall/factory.h"

#include <optional>
#include <string>
#include <vector>

namespace igd::firewall {

struct ForwardPlan {
    std::vector<NftChain> open;  ///< chains of nft that get the rule
    std::vector<NftChain>
        holdingOpenings;    ///< chains in which a rule of ours stands, from now or earlier
    int markPriority = -5;  ///< before every chain in `open`
};

[[nodiscard]] ForwardPlan planForward(const std::vector<NftChain>& chains,
                                      const FirewallConfig& config,
                                      const Family& family = kMappingFamily);

/// The chain that the user named, of `family`.
[[nodiscard]] const std::string& forwardChainOf(const FirewallConfig& config,
                                                const Family& family = kMappingFamily);
/// He named one of his own for the rule: there and nowhere else.
[[nodiscard]] bool namesForwardChain(const FirewallConfig& config,
                                     const Family& family = kMappingFamily);

/// The nft commands that put the rule into `chain`, and that take every rule of ours in nft's form
/// out of it.
[[nodiscard]] std::string openScript(const NftChain& chain, const FirewallConfig& config,
                                     const Family& family = kMappingFamily);
[[nodiscard]] std::string closeScript(const NftChain& chain);

}  // namespace igd::firewall
