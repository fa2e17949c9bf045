// SPDX-License-Identifier: GPL-2.0-or-later
// Accepting a packet in our table does not overrule a drop elsewhere. This finds the forward chains
// of others, of nftables, iptables-nft and legacy iptables alike, and gives each that would drop
// the one rule that lets marked packets of mappings pass. Both back ends use it.
#pragma once

#include "forward/forward_plan.h"
#include "iptables/legacy_tables.h"

#include "upnpd/firewall/factory.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace igd::firewall {

class ForwardPath {
public:
    /// `legacy` are the legacy tables of the family; config and tables must outlive this.
    ForwardPath(const FirewallConfig& config, const LegacyTables& legacy);
    ForwardPath(const FirewallConfig& config, const LegacyTables6& legacy);

    struct View {
        ForwardPlan nft;
        bool nftPresent = false;  ///< the kernel has nftables
        bool legacy = false;      ///< the chain in the legacy filter table needs the rule too
        std::vector<std::uint64_t> ownHandles;  ///< of our own table of nftables (nft_ruleset.h)
    };
    /// Returns how the chains are now; `ruleset` is nftables' own JSON (nullopt: the kernel has
    /// none). nullopt, with a line in the log: that JSON makes no sense, or a chain that the
    /// configuration names is missing.
    [[nodiscard]] std::optional<View> look(const std::optional<std::string>& ruleset) const {
        return look(ruleset, config_);
    }
    /// Does the same before our rules are taken out, when no chain is to be opened and none can be
    /// missing.
    [[nodiscard]] std::optional<View> lookToClose(const std::optional<std::string>& ruleset) const;

    /// A chain of nftables that needs our rule and has none, or has one and needs it no more.
    [[nodiscard]] static std::optional<std::string> wrongChain(const View& view);

    /// The script that opens the chains of nftables anew, to be run in one transaction with what
    /// else changes. Where iptables-nft manages the chain, that program has done it already.
    [[nodiscard]] std::string openScript(const View& view) const;
    /// The script that takes our rules out of them.
    [[nodiscard]] std::string closeScript(const View& view) const;

    /// Takes all rules of ours out of the legacy tables, and with `open` puts the one rule into the
    /// legacy forward chain. False, with a line in the log: a table could not be changed. One that
    /// cannot be read is left alone, with a warning.
    [[nodiscard]] bool settleLegacy(bool open) const { return legacy_->settle(open); }
    /// Returns whether that rule stands in the legacy forward chain.
    [[nodiscard]] bool legacyIsOpen() const { return legacy_->isOpen(); }
    /// Returns whether somebody seems to have changed the legacy filter table since.
    [[nodiscard]] bool legacyLooksTouched() const { return legacy_->looksTouched(); }

    [[nodiscard]] const Family& family() const { return family_; }

private:
    /// The legacy tables of either family.
    struct LegacySide {
        virtual ~LegacySide() = default;
        [[nodiscard]] virtual bool wants(const FirewallConfig& config) const = 0;
        [[nodiscard]] virtual bool settle(bool open) const = 0;
        [[nodiscard]] virtual bool isOpen() const = 0;
        [[nodiscard]] virtual bool looksTouched() const = 0;
    };
    template <class Tables>
    class LegacySideOf;

    [[nodiscard]] std::optional<View> look(const std::optional<std::string>& ruleset,
                                           const FirewallConfig& config) const;
    void complain(const std::string& text) const;
    [[nodiscard]] bool namedChainIsMissing(const View& view, const FirewallConfig& config) const;
    [[nodiscard]] std::string openOne(const NftChain& chain) const;

    const FirewallConfig& config_;
    const Family& family_;
    std::unique_ptr<LegacySide> legacy_;
    mutable std::string
        complaint_;  ///< the last one: it is not repeated while nothing else happens
};

}  // namespace igd::firewall
