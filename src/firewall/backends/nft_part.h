// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as elements of maps and sets in an nftables table of our own: each change is one
// transaction and costs the same whatever is there already.
#pragma once

#include "backends/firewall_part.h"
#include "kernel.h"
#include "names.h"

#include "upnpd/firewall/factory.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::firewall {

class NftPart : public FirewallPart {
public:
    Result<void> replaceAll(std::span<const Rule> rules, const HostView& view) override;
    void replaced(const HostView& view) override;
    [[nodiscard]] std::optional<std::string> damage(const HostView& view) override;
    /// The kernel announces changes of nftables.
    [[nodiscard]] SilentRules lookAtSilentRules() const override { return SilentRules::None; }
    [[nodiscard]] bool usesLegacyTables() const override { return false; }
    [[nodiscard]] Result<std::vector<std::optional<Traffic>>> traffic(
        std::span<const Rule> rules) override;
    Result<void> removeAll() override;

protected:
    /// All must outlive this.
    NftPart(const FirewallConfig& config, Kernel& kernel, const Family& family)
        : config_(config), kernel_(kernel), family_(family) {}

    /// Returns the priority of our chain that marks packets; nullopt: there is no need of one.
    [[nodiscard]] virtual std::optional<int> markPriority(const HostView& view) const = 0;
    /// Returns the script that lays the table anew, with `rules` in it.
    [[nodiscard]] virtual std::string layScript(std::span<const Rule> rules,
                                                std::optional<int> markPriority) = 0;

    /// Runs `script` as one transaction. False, with a line in the log: nothing was changed.
    [[nodiscard]] bool run(const std::string& script);
    /// Changes the elements of rules, in one transaction too.
    [[nodiscard]] bool change(const RuleDelta& delta);
    [[nodiscard]] bool commit(NftBatch batch);
    [[nodiscard]] const FirewallConfig& config() const { return config_; }
    [[nodiscard]] Kernel& kernel() { return kernel_; }
    [[nodiscard]] bool isLaid() const { return laid_.has_value(); }

private:
    [[nodiscard]] bool refused(std::string_view reason);
    /// Returns whether an element that is there takes the new end that `delta` has for it.
    [[nodiscard]] bool renewsInPlace(const RuleDelta& delta);
    [[nodiscard]] bool change(const ElementSteps& steps);
    void noteEnded(const RuleDelta& delta);

    const FirewallConfig& config_;
    Kernel& kernel_;
    const Family& family_;
    /// The table as replaceAll() left it; nullopt: nothing is laid.
    struct Laid {
        std::vector<std::uint64_t> handles;
        std::optional<int> markPriority;
    };
    std::optional<Laid> laid_;
};

}  // namespace igd::firewall
