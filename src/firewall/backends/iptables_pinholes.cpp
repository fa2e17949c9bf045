// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_pinholes.h"

#include "iptables/ip6t_entry.h"
#include "names.h"

namespace igd::firewall {

OwnTables IptablesPinholes::tablesFor(const ForwardPath::View& view) const {
    const std::vector<Entry> jumps{pinholeJumpEntry(config().external, std::nullopt),
                                   pinholeJumpEntry(std::nullopt, config().external)};
    const bool wanted = config().insertForwardRules != InsertForwardRules::No;
    OwnTables tables;
    if (wanted)
        tables.push_back({"filter",
                          {{kLegacyChain, pinholeAcceptEntry, Per::Peer}},
                          {{config().forwardChain6,
                            config().forwardRulesAppend ? Place::End : Place::Top, jumps}}});
    // When no rule may stand in FORWARD the packets are only counted: in mangle nothing is decided.
    if (!wanted || !view.nft.open.empty())
        tables.push_back({"mangle",
                          {{kLegacyChain, pinholeMarkEntry, Per::Peer}},
                          {{std::string{kForward}, Place::Top, jumps}}});
    return tables;
}

Result<std::uint64_t> IptablesPinholes::packets(const Rule& rule) {
    // A packet that is accepted in filter has been through mangle: the last table counts them all.
    const auto packets = chains().packetsOf(rule);
    if (!packets) return fail(MappingError::Backend);
    return *packets;
}

}  // namespace igd::firewall
