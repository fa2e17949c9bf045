// SPDX-License-Identifier: GPL-2.0-or-later
// Accepting a packet in our table does not overrule a drop elsewhere. This finds the forward chains
// of others, of nftables, iptables-nft and legacy iptables alike, and gives each that would drop
// the one rule that lets marked packets of mappings pass. Both back ends use it.
#pragma once

#include "forward/forward_plan.h"
#include "iptables/legacy_tables.h"
#include "nft/nft_context.h"

#include "upnpd/firewall/factory.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd::firewall {

class ForwardPath {
public:
    /// Of the one family whose legacy tables are given.
    ForwardPath(const FirewallConfig& config, NftContext& nft, const LegacyTables& legacy);
    ForwardPath(const FirewallConfig& config, NftContext& nft, const LegacyTables6& legacy);

    /// Looks at the chains as they are now. nullopt, with a line in the log, when nftables would
    /// not tell or a chain that the configuration names is missing.
    struct View {
        ForwardPlan nft;
        bool nftPresent = false;  ///< the kernel has nftables
        bool legacy = false;      ///< the chain in the legacy filter table needs the rule too
        std::vector<std::uint64_t> ownHandles;  ///< of our own table of nftables (nft_ruleset.h)
    };
    [[nodiscard]] std::optional<View> look() const;

    /// A chain of nftables that needs our rule and has none, or has one and needs it no more.
    [[nodiscard]] static std::optional<std::string> wrongChain(const View& view);

    /// The script that opens the chains of nftables anew, to be run in one transaction with what
    /// else changes. Where iptables-nft manages the chain, that program has done it already.
    [[nodiscard]] std::string openScript(const View& view) const;
    /// The script that takes our rules out of them.
    [[nodiscard]] std::string closeScript(const View& view) const;

private:
    void complain(const std::string& text) const;
    template <class Tables>
    [[nodiscard]] bool legacyWants(const Tables& tables) const;
    [[nodiscard]] bool namedChainIsMissing(const View& view) const;
    [[nodiscard]] std::string openOne(const NftChain& chain) const;

    const FirewallConfig& config_;
    NftContext& nft_;
    const Family& family_;
    std::function<bool()> legacyWants_;
    mutable std::string
        complaint_;  ///< the last one: it is not repeated while nothing else happens
};

}  // namespace igd::firewall
