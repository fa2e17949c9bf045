// SPDX-License-Identifier: GPL-2.0-or-later
// Netlink messages that put one rule of ours into a chain of somebody else, and take it out. In a
// chain of iptables-nft it is written with iptables' own matches, so that iptables can list it.
// Pure: nothing is sent here.
#pragma once

#include "nft/nft_writer.h"

#include "upnpd/inspect/openings.h"

#include <cstdint>
#include <optional>
#include <string>

namespace igd::firewall {

/// Says what the rule looks like:
///     meta mark & BITS == BITS [ct status dnat] [ct state new] [...] counter accept comment "..."
struct OpeningRule {
    inspect::Opening opening;
    std::string comment;
    std::uint32_t markBits = 0;
    bool translated = true;  ///< for flows whose destination was translated, and no others
    bool ipv6 = false;       ///< in a chain that sees both families
};

/// Puts it before the rule of that handle; nullopt: at the end of the chain.
[[nodiscard]] NftMessage addRuleMessage(const inspect::Chain& chain, const OpeningRule& rule,
                                        std::optional<std::uint64_t> before);
/// It is an error when there is no such rule (ENOENT).
[[nodiscard]] NftMessage removeRuleMessage(const inspect::Chain& chain, std::uint64_t handle);

}  // namespace igd::firewall
