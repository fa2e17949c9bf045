// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings in the nftables table `inet upnpd`.
#pragma once

#include "backends/nft_part.h"

#include <string>
#include <vector>

namespace igd::firewall {

class NftMappings final : public NftPart {
public:
    NftMappings(const FirewallConfig& config, Kernel& kernel)
        : NftPart(config, kernel, kMappingFamily) {}

    /// Returns a script with everything that this part asks of the kernel, to be tried and not to
    /// be run.
    [[nodiscard]] static std::string trial(const FirewallConfig& config);

    Result<void> apply(const RuleDelta& delta) override;
    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;

private:
    [[nodiscard]] std::optional<int> markPriority(const HostView& view) const override;
    [[nodiscard]] std::string layScript(std::span<const Rule> rules,
                                        std::optional<int> markPriority) override;

    std::vector<Ipv4Address> externalAddresses_;
};

}  // namespace igd::firewall
