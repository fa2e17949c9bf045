// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings as rules in chains of our own in the legacy tables: nat always, filter where the legacy forward
// chain would drop, mangle (packet mark) where a chain of nftables would.
#pragma once

#include "upnpd/firewall/factory.h"

#include "forward_path.h"
#include "kernel.h"

#include <functional>
#include <memory>
#include <vector>

namespace igd::firewall {

class IptablesBackend final : public FirewallBackend {
public:
    IptablesBackend(FirewallConfig config, std::unique_ptr<Kernel> kernel);

    Result<void> apply(const RuleDelta& delta) override;
    Result<void> replaceAll(std::span<const Rule> rules) override;
    Result<void> removeAll() override;
    [[nodiscard]] std::string_view name() const override { return "iptables"; }

private:
    /// What one table does for each mapping, and from where its chain is reached.
    struct Role {
        const char* table;
        std::string parent;
        std::vector<Entry> jumps;
        std::function<Entry(const Rule&)> entry;
    };
    [[nodiscard]] std::vector<Role> rolesFor(const ForwardPath::View& view) const;
    [[nodiscard]] bool lay(const Role& role, std::span<const Rule> rules) const;
    [[nodiscard]] bool change(const Role& role, const RuleDelta& delta) const;
    [[nodiscard]] bool clean(const char* table) const;
    [[nodiscard]] bool settleNft(const ForwardPath::View& view, const std::string& script) const;
    [[nodiscard]] bool layAll(std::span<const Rule> rules);

    FirewallConfig config_;
    std::unique_ptr<Kernel> kernel_;
    ForwardPath forward_;
    std::vector<Role> roles_;  ///< in the order in which they are committed
};

}  // namespace igd::firewall
