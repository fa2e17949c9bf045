// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_pinholes.h"

#include "iptables/ip6t_entry.h"
#include "names.h"

#include <utility>

namespace igd::firewall {
namespace {

/// No other's mark opens anything, and nobody sees ours behind the forward chains.
OwnTable mangle(std::vector<Entry> jumps, std::uint32_t bits) {
    const Entry clear = pinholeJumpEntry(std::nullopt, std::nullopt, kLegacyOutgoing);
    jumps.insert(jumps.begin(), clear);
    return {"mangle",
            {{kLegacyChain, [bits](const Rule& rule) { return pinholeMarkEntry(rule, bits); },
              Per::Peer},
             {kLegacyOutgoing, nullptr, Per::Rule, {clearPinholeMarkEntry(bits)}}},
            {{std::string{kForward}, Place::Top, std::move(jumps)},
             {"POSTROUTING", Place::Top, {clear}}}};
}

}  // namespace

OwnTables IptablesPinholes::tablesFor(Need need) const {
    OwnTables tables;
    if (need.legacy)
        tables.push_back({"filter", {{kLegacyChain, pinholeAcceptEntry, Per::Peer}}, {}});
    // In mangle nothing is decided: packets are counted there, and marked for chains of nftables.
    std::vector<InterfaceName> outside;
    for (const UplinkSide& each : pinholeUplinks(config())) outside.push_back(each.interface);
    if (outside.empty()) outside.push_back(config().external6);
    std::vector<Entry> jumps;
    for (const InterfaceName& name : outside) {
        jumps.push_back(pinholeJumpEntry(name, std::nullopt, kLegacyChain));
        jumps.push_back(pinholeJumpEntry(std::nullopt, name, kLegacyChain));
    }
    tables.push_back(mangle(std::move(jumps), config().markBits));
    return tables;
}

Result<std::uint64_t> IptablesPinholes::packets(const Rule& rule) {
    const auto counted = chains().trafficOf({&rule, 1}).front();
    if (!counted) return fail(MappingError::Backend);
    return counted->packets;
}

}  // namespace igd::firewall
