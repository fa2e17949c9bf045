// SPDX-License-Identifier: GPL-2.0-or-later
// The texts of rules, as their owners write them.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <string>
#include <string_view>

namespace igd::firewall {

/// Returns the text of a rule: "tcp dport 80 drop", "-A FORWARD -p tcp -j DROP". Runs nft or
/// iptables-save for it; empty: that program is not there, or does not know the rule.
[[nodiscard]] std::string ruleText(const inspect::Chain& chain, const inspect::Rule& rule);

/// Returns the rule with that handle out of `nft -a list chain`; empty: it is not there.
[[nodiscard]] std::string ruleInListing(std::string_view listing, std::uint64_t handle);

/// Returns the rule of that number (1: the first) of a chain out of what iptables-save writes;
/// empty: it is not there.
[[nodiscard]] std::string ruleInSave(std::string_view save, std::string_view chain,
                                     std::uint32_t number);

}  // namespace igd::firewall
