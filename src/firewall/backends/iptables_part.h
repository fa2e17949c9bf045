// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as entries in chains of our own in the legacy tables: filter where the legacy forward chain
// would drop, mangle (packet mark) where a chain of nftables would.
#pragma once

#include "backends/firewall_part.h"
#include "iptables/own_chains.h"
#include "nft/nft_socket.h"

#include "upnpd/firewall/factory.h"

namespace igd::firewall {

/// Says which chains of others stop packets of ours: of legacy tables, of nftables.
struct Need {
    bool legacy = false;
    bool nft = false;
    bool operator==(const Need&) const = default;
};

template <class Ip>
class IptablesPart : public FirewallPart {
public:
    Result<void> apply(const RuleDelta& delta) override;
    Result<void> replaceAll(std::span<const Rule> rules, const HostView& view) override;
    [[nodiscard]] std::optional<std::string> damage(const HostView& view) override;
    [[nodiscard]] SilentRules lookAtSilentRules() const override {
        return chains_.looksTouched() ? SilentRules::Touched : SilentRules::AsLeft;
    }
    [[nodiscard]] bool usesLegacyTables() const override { return true; }
    Result<void> removeAll() override;
    [[nodiscard]] bool isBusy() const override { return chains_.isBusy(); }

protected:
    /// All must outlive this.
    IptablesPart(const FirewallConfig& config, NftSocket& nft, const BasicLegacyTables<Ip>& tables)
        : config_(config), nft_(nft), tables_(tables), chains_(tables) {}

    [[nodiscard]] virtual OwnTables tablesFor(Need need) const = 0;

    [[nodiscard]] const FirewallConfig& config() const { return config_; }
    [[nodiscard]] const BasicLegacyTables<Ip>& tables() const { return tables_; }
    [[nodiscard]] OwnChains<Ip>& chains() { return chains_; }
    [[nodiscard]] Need need() const { return need_; }

private:
    /// Returns whether nothing of our table in nftables is left.
    [[nodiscard]] bool clearNft();

    const FirewallConfig& config_;
    NftSocket& nft_;
    const BasicLegacyTables<Ip>& tables_;
    OwnChains<Ip> chains_;
    Need need_;  ///< when our chains were laid
};

}  // namespace igd::firewall
