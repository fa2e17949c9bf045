// SPDX-License-Identifier: GPL-2.0-or-later
// The host's rules as they are now, for those who judge them.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <optional>
#include <string>
#include <vector>

namespace igd {

struct HostRules {
    inspect::Ruleset rules;
    std::vector<std::string> missing;  ///< what could not be read, a sentence each

    /// Returns the text of a rule as its own tool writes it, and runs that tool (nft or
    /// iptables-save) for it; empty: a policy, or the tool does not run or does not know it.
    [[nodiscard]] std::string textOf(const inspect::Place& place) const;
};

/// Reads the rules of nftables and of legacy iptables, and runs no program. Of legacy iptables it
/// reads the tables that are there; none comes into being by being read. Needs CAP_NET_ADMIN;
/// nullopt without it.
[[nodiscard]] std::optional<HostRules> readHostRules();

}  // namespace igd
