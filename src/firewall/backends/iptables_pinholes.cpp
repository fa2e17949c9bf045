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

OwnTables IptablesPinholes::tablesFor(const ForwardPath::View& view) const {
    const std::vector<Entry> jumps{pinholeJumpEntry(config().external, std::nullopt, kLegacyChain),
                                   pinholeJumpEntry(std::nullopt, config().external, kLegacyChain)};
    const bool wanted = config().insertForwardRules != InsertForwardRules::No;
    OwnTables tables;
    if (wanted)
        tables.push_back({"filter",
                          {{kLegacyChain, pinholeAcceptEntry, Per::Peer}},
                          {{config().forwardChain6,
                            config().forwardRulesAppend ? Place::End : Place::Top, jumps}}});
    // When no rule may stand in FORWARD the packets are only counted: in mangle nothing is decided.
    if (!wanted || !view.nft.open.empty()) tables.push_back(mangle(jumps, config().markBits));
    return tables;
}

Result<std::uint64_t> IptablesPinholes::packets(const Rule& rule) {
    // A packet that is accepted in filter has been through mangle: the last table counts them all.
    const auto packets = chains().packetsOf(rule);
    if (!packets) return fail(MappingError::Backend);
    return *packets;
}

}  // namespace igd::firewall
