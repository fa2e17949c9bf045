// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes in the nftables table `ip6 upnpd`. Its chain is there in any case, for it counts
// packets.
#pragma once

#include "backends/nft_part.h"

#include <string>

namespace igd::firewall {

class NftPinholes final : public NftPart {
public:
    NftPinholes(const FirewallConfig& config, Kernel& kernel)
        : NftPart(config, kernel, kPinholeFamily) {}

    /// Returns a script with everything that this part asks of the kernel, to be tried and not to
    /// be run.
    [[nodiscard]] static std::string trial(const FirewallConfig& config);

    Result<void> apply(const RuleDelta& delta) override;
    [[nodiscard]] Result<std::uint64_t> packets(const Rule& rule) override;

private:
    [[nodiscard]] std::optional<int> markPriority(const HostView& view) const override {
        return view.plan.markPriority;
    }
    [[nodiscard]] std::string layScript(std::span<const Rule> rules,
                                        std::optional<int> markPriority) override;
};

}  // namespace igd::firewall
