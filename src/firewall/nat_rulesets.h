// SPDX-License-Identifier: GPL-2.0-or-later
// The host's nat rules in all their forms, as far as they are needed to tell what becomes of a
// packet on its way in.
#pragma once

#include "iptables/legacy_tables.h"

#include "upnpd/firewall/ruleset_text.h"

#include <optional>
#include <string>

namespace igd::firewall {

/// Returns `ruleset` (nftables' JSON), and beside it the output of iptables-nft-save where the
/// table nat holds rules that nft cannot spell out, and that of iptables-legacy-save where somebody
/// else uses that table there. Programs are run in these two cases only.
[[nodiscard]] RulesetText natRulesets(const LegacyTables& legacy,
                                      const std::optional<std::string>& ruleset);

}  // namespace igd::firewall
