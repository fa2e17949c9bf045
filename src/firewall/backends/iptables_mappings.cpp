// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_mappings.h"

#include "names.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace igd::firewall {
namespace {

constexpr Spread kByExternalPort{[](const Rule& rule) { return rule.externalPort; }, toPortsEntry,
                                 toPortsOf};

}  // namespace

/// Returns each external interface, and where mapped ports are found there.
std::vector<UplinkSide> IptablesMappings::outside() const {
    if (!config().uplinks.empty()) return config().uplinks;
    return {{config().external, externalAddresses_}};
}

/// Without labels: from the external side both ways, and for packets that hairpin to the external
/// address.
std::vector<Entry> IptablesMappings::forwardJumps() const {
    std::vector<Entry> jumps;
    for (const UplinkSide& each : outside()) {
        jumps.push_back(jumpEntry(each.interface, std::nullopt, kLegacyChain));
        jumps.push_back(jumpEntry(std::nullopt, each.interface, kLegacyChain));
    }
    if (!config().hairpin) return jumps;
    for (const InterfaceName& internal : config().internal)
        for (const Ipv4Address address : externalAddresses_)
            jumps.push_back(hairpinForwardJumpEntry(internal, address));
    return jumps;
}

void IptablesMappings::addHairpin(OwnTable& nat) const {
    const Entry toMappings = jumpEntry(std::nullopt, std::nullopt, kLegacyChain);
    const std::vector<Entry> labelling{labelEntry(kHairpinLabel), toMappings};
    const std::vector<Entry> marking{hairpinMarkEntry(true), toMappings, hairpinMarkEntry(false)};
    nat.chains.push_back({kLegacyHairpin, nullptr, Per::Rule, labels_ ? labelling : marking});
    nat.chains.push_back({kLegacyMasquerade, nullptr, Per::Rule, {masqueradeEntry()}});
    nat.jumps.push_back({"POSTROUTING", Place::Top, {}});
    for (const InterfaceName& internal : config().internal) {
        for (const Ipv4Address address : externalAddresses_)
            nat.jumps[0].entries.push_back(hairpinJumpEntry(internal, address));
        nat.jumps[1].entries.push_back(labels_ ? hairpinOutJumpEntry(internal)
                                               : markedOutJumpEntry(internal));
    }
}

OwnTable IptablesMappings::nat() const {
    const bool movesRanges = tables().hasTarget("DNAT", 2);
    OwnTable nat{"nat",
                 {{kLegacyChain,
                   movesRanges ? dnatEntry : oldDnatEntry,
                   movesRanges ? Per::Peer : Per::PeerAndPort,
                   {},
                   {},
                   &kByExternalPort}},
                 // Behind the administrator's own translations, which win.
                 {{config().preroutingChain, Place::Last, {}}}};
    for (const UplinkSide& each : outside())
        for (const Ipv4Address address : each.addresses)
            nat.jumps[0].entries.push_back(localJumpEntry(each.interface, address));
    if (labels_) {
        // Whoever leaves the chain at its end was not translated: a chain of nftables that comes
        // later may do that, and we open nothing for it.
        nat.chains[0].fixed = {labelEntry(kEnteredLabel)};
        nat.chains[0].ending = {labelEntry(kUntranslatedLabel)};
    }
    if (config().hairpin) addHairpin(nat);
    return nat;
}

/// Rules in chains of others lead there (LegacyOpenings).
OwnTable IptablesMappings::filter() const {
    if (labels_) return {"filter", {{kLegacyChain, nullptr, Per::Rule, {acceptOursEntry()}}}, {}};
    return {"filter", {{kLegacyChain, acceptEntry, Per::Rule}}, {}};
}

/// Our bit is taken off each packet first, so that no other's mark opens anything, and again before
/// the administrator's rules in POSTROUTING see the mark.
OwnTable IptablesMappings::mangle() const {
    const std::uint32_t bits = config().markBits;
    OwnTable mangle{
        "mangle",
        {{kLegacyChain, nullptr, Per::Rule, {markOursEntry(bits)}},
         {kLegacyOutgoing, nullptr, Per::Rule, {clearMarkEntry(bits)}}},
        {{std::string{kForward},
          Place::Top,
          {jumpEntry(std::nullopt, std::nullopt, kLegacyOutgoing)}},
         {"POSTROUTING", Place::Top, {jumpEntry(std::nullopt, std::nullopt, kLegacyOutgoing)}}}};
    if (!labels_)
        mangle.chains[0] = {kLegacyChain,
                            [bits](const Rule& rule) { return markEntry(rule, bits); }, Per::Rule};
    const std::vector<Entry> toMarking =
        labels_ ? std::vector<Entry>{translatedJumpEntry()} : forwardJumps();
    std::ranges::copy(toMarking, std::back_inserter(mangle.jumps[0].entries));
    return mangle;
}

/// Answers leave by the interface at whose address their flow came in: policy routing asks for the
/// mark, which is taken away right behind it. What hairpins stays inside.
void IptablesMappings::addAnswers(OwnTables& tables) const {
    std::vector<Entry> entries;
    for (const UplinkSide& each : config().uplinks)
        for (const Ipv4Address address : each.addresses)
            if (each.mark != 0 && labels_)
                entries.push_back(answerEntry(address, each.mark, config().markBits));
    if (entries.empty()) return;
    auto place = std::ranges::find(tables, std::string_view{"mangle"}, &OwnTable::table);
    if (place == tables.end()) {
        OwnTable clearing = mangle();
        clearing.chains.erase(clearing.chains.begin());
        clearing.jumps[0].entries.resize(1);
        place = tables.insert(tables.begin(), std::move(clearing));
    }
    place->chains.push_back({kLegacyAnswers, nullptr, Per::Rule, std::move(entries)});
    place->jumps.push_back({std::string{kPrerouting},
                            Place::End,
                            {jumpEntry(std::nullopt, std::nullopt, kLegacyAnswers)}});
}

OwnTables IptablesMappings::tablesFor(Need need) const {
    // The way through is open before packets are sent on it.
    OwnTables tables;
    if (need.legacy) tables.push_back(filter());
    if (need.nft) tables.push_back(mangle());
    addAnswers(tables);
    tables.push_back(nat());
    return tables;
}

Result<void> IptablesMappings::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    if (std::ranges::equal(externalAddresses_, addresses)) return {};
    externalAddresses_.assign(addresses.begin(), addresses.end());
    if (chains().laid().empty()) return {};
    if (!chains().layJumps(tablesFor(need()))) return fail(MappingError::Backend);
    return {};
}

}  // namespace igd::firewall
