// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings in the legacy tables of IPv4. A mapping is a rule in nat and nothing else: a flow that
// it translates has a label, and one rule in filter or mangle, where they are needed, opens the way
// for all such flows. On a kernel without labels a mapping has a rule in these tables, too. What
// goes through a mapping is not counted: nat sees only the first packet of a flow. Rejected: a rule
// in mangle for each mapping, which each forwarded packet would have to be compared with.
#pragma once

#include "backends/iptables_part.h"

#include <vector>

namespace igd::firewall {

class IptablesMappings final : public IptablesPart<IpTables> {
public:
    IptablesMappings(const FirewallConfig& config, NftSocket& nft, const LegacyTables& tables)
        : IptablesPart(config, nft, tables), labels_(tables.hasMatch("connlabel", 0)) {}

    Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) override;

private:
    [[nodiscard]] OwnTables tablesFor(Need need) const override;
    [[nodiscard]] OwnTable nat() const;
    [[nodiscard]] OwnTable filter() const;
    [[nodiscard]] OwnTable mangle() const;
    void addHairpin(OwnTable& nat) const;
    void addAnswers(OwnTables& tables) const;
    [[nodiscard]] std::vector<UplinkSide> outside() const;
    [[nodiscard]] std::vector<Entry> forwardJumps() const;

    bool labels_;
    std::vector<Ipv4Address> externalAddresses_;
};

}  // namespace igd::firewall
