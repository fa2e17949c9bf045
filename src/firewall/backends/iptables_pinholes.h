// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes in the legacy tables of IPv6: filter unless the configuration says otherwise, mangle
// where a chain of nftables would drop or to count alone.
#pragma once

#include "backends/iptables_part.h"

namespace igd::firewall {

class IptablesPinholes final : public IptablesPart<Ip6Tables> {
public:
    IptablesPinholes(const FirewallConfig& config, NftSocket& nft, const LegacyTables6& tables)
        : IptablesPart(config, nft, tables) {}

    [[nodiscard]] Result<std::uint64_t> packets(const Rule& rule) override;
    /// A packet that is accepted in filter has been through mangle, which counts them all.
    [[nodiscard]] Result<std::vector<std::optional<Traffic>>> traffic(
        std::span<const Rule> rules) override {
        return chains().trafficOf(rules);
    }

private:
    [[nodiscard]] OwnTables tablesFor(Need need) const override;
};

}  // namespace igd::firewall
