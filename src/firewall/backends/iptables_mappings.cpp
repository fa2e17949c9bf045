// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_mappings.h"

#include "names.h"

#include <algorithm>

namespace igd::firewall {

/// From the external side both ways, and for packets that hairpin to the external address.
std::vector<Entry> IptablesMappings::forwardJumps() const {
    std::vector<Entry> jumps{jumpEntry(config().external, std::nullopt, kLegacyChain),
                             jumpEntry(std::nullopt, config().external, kLegacyChain)};
    if (!config().hairpin) return jumps;
    for (const InterfaceName& internal : config().internal)
        for (const Ipv4Address address : externalAddresses_)
            jumps.push_back(hairpinForwardJumpEntry(internal, address));
    return jumps;
}

OwnTable IptablesMappings::nat() const {
    OwnTable nat{
        "nat",
        {{kLegacyChain, kernel().legacy.hasTarget("DNAT", 2) ? dnatEntry : oldDnatEntry, Per::Peer},
         // The kernel's masquerade keeps a port that is free: no need to double the rules for that.
         {kLegacyOutgoing, outgoingEntry, Per::MovedPort}},
        // Behind the administrator's own translations, which win; in front of his masquerade, where
        // a flow from a mapped port would get any port.
        {{config().preroutingChain, true, {localJumpEntry(config().external)}},
         {"POSTROUTING", false, {jumpEntry(std::nullopt, config().external, kLegacyOutgoing)}}}};
    if (!config().hairpin) return nat;
    const Entry toMappings = jumpEntry(std::nullopt, std::nullopt, kLegacyChain);
    nat.chains.push_back({kLegacyHairpin,
                          nullptr,
                          Per::Rule,
                          {hairpinMarkEntry(true), toMappings, hairpinMarkEntry(false)}});
    nat.chains.push_back({kLegacyMasquerade, nullptr, Per::Rule, {masqueradeEntry()}});
    for (const InterfaceName& internal : config().internal) {
        for (const Ipv4Address address : externalAddresses_)
            nat.jumps[0].entries.push_back(hairpinJumpEntry(internal, address));
        nat.jumps[1].entries.push_back(hairpinOutJumpEntry(internal));
    }
    return nat;
}

OwnTables IptablesMappings::tablesFor(const ForwardPath::View& view) const {
    // The way through is open before packets are sent on it.
    OwnTables tables;
    if (view.legacy)
        tables.push_back({"filter",
                          {{kLegacyChain, acceptEntry, Per::Rule}},
                          {{config().forwardChain, config().forwardRulesAppend, forwardJumps()}}});
    if (!view.nft.open.empty())
        tables.push_back({"mangle",
                          {{kLegacyChain, markEntry, Per::Rule}},
                          {{std::string{kForward}, false, forwardJumps()}}});
    tables.push_back(nat());
    return tables;
}

Result<void> IptablesMappings::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    if (std::ranges::equal(externalAddresses_, addresses)) return {};
    externalAddresses_.assign(addresses.begin(), addresses.end());
    if (chains().laid().empty() || !config().hairpin) return {};
    if (!chains().layJumps(tablesFor(view()))) return fail(MappingError::Backend);
    return {};
}

}  // namespace igd::firewall
