// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as entries in chains of our own in the legacy tables: filter where the legacy forward chain
// would drop, mangle (packet mark) where a chain of nftables would.
#pragma once

#include "backends/firewall_part.h"
#include "forward/forward_path.h"
#include "iptables/own_chains.h"
#include "kernel.h"

#include "upnpd/firewall/factory.h"

namespace igd::firewall {

template <class Ip>
class IptablesPart : public FirewallPart {
public:
    Result<void> apply(const RuleDelta& delta) override;
    Result<void> replaceAll(std::span<const Rule> rules, const RulesetJson& ruleset) override;
    [[nodiscard]] std::optional<std::string> damage(const RulesetJson& ruleset) override;
    [[nodiscard]] SilentRules lookAtSilentRules() override {
        return chains_.looksTouched() ? SilentRules::Touched : SilentRules::AsLeft;
    }
    [[nodiscard]] bool isBusy() const override { return chains_.isBusy(); }
    Result<void> removeAll(const RulesetJson& ruleset) override;

protected:
    /// `config`, `kernel` and `tables` must outlive this.
    IptablesPart(const FirewallConfig& config, Kernel& kernel, const BasicLegacyTables<Ip>& tables)
        : config_(config), kernel_(kernel), forward_(config, tables), chains_(tables) {}

    [[nodiscard]] virtual OwnTables tablesFor(const ForwardPath::View& view) const = 0;

    [[nodiscard]] const FirewallConfig& config() const { return config_; }
    [[nodiscard]] const Kernel& kernel() const { return kernel_; }
    [[nodiscard]] OwnChains<Ip>& chains() { return chains_; }
    /// Returns how the chains of others were when ours were laid.
    [[nodiscard]] const ForwardPath::View& view() const { return view_; }

private:
    [[nodiscard]] bool settleNft(const ForwardPath::View& view, const std::string& script);

    const FirewallConfig& config_;
    Kernel& kernel_;
    ForwardPath forward_;
    OwnChains<Ip> chains_;
    ForwardPath::View view_;
};

}  // namespace igd::firewall
