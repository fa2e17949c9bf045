// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings in the legacy tables of IPv4: nat in any case, filter and mangle where they are needed.
#pragma once

#include "backends/iptables_part.h"

#include <vector>

namespace igd::firewall {

class IptablesMappings final : public IptablesPart<IpTables> {
public:
    IptablesMappings(const FirewallConfig& config, Kernel& kernel)
        : IptablesPart(config, kernel, kernel.legacy) {}

    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;

private:
    [[nodiscard]] OwnTables tablesFor(const ForwardPath::View& view) const override;
    [[nodiscard]] OwnTable nat() const;
    [[nodiscard]] std::vector<Entry> forwardJumps() const;

    std::vector<Ipv4Address> externalAddresses_;
};

}  // namespace igd::firewall
