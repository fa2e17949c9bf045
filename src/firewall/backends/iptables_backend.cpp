// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_backend.h"

#include "names.h"
#include "nft/nft_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace igd::firewall {
namespace {

constexpr std::array kOurTables{"nat", "filter", "mangle"};

RuleDelta inverse(const RuleDelta& delta) {
    return {delta.add, delta.remove};
}

bool movesPort(const Rule& rule) {
    return rule.internal.port != rule.key.externalPort;
}

}  // namespace

IptablesBackend::IptablesBackend(FirewallConfig config, std::unique_ptr<Kernel> kernel)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      forward_(config_, kernel_->nft, kernel_->legacy) {}

/// From the external side both ways, and what hairpins to the external address.
std::vector<Entry> IptablesBackend::forwardJumps() const {
    std::vector<Entry> jumps{jumpEntry(config_.external, std::nullopt, kLegacyChain),
                             jumpEntry(std::nullopt, config_.external, kLegacyChain)};
    if (!config_.hairpin) return jumps;
    for (const InterfaceName& internal : config_.internal)
        for (const Ipv4Address address : externalAddresses_)
            jumps.push_back(hairpinForwardJumpEntry(internal, address));
    return jumps;
}

IptablesBackend::Role IptablesBackend::natRole() const {
    Role role{
        "nat",
        {{kLegacyChain,
          kernel_->legacy.hasTarget("DNAT", 2) ? dnatEntry : oldDnatEntry,
          Per::Peer,
          {}},
         // The kernel's masquerade keeps a port that is free: no need to double the rules for that.
         {kLegacyOutgoing, outgoingEntry, Per::MovedPort, {}}},
        // Behind the administrator's own translations, which win; in front of his masquerade, where
        // a flow from a mapped port would get any port.
        {{config_.preroutingChain, true, {localJumpEntry(config_.external)}},
         {"POSTROUTING", false, {jumpEntry(std::nullopt, config_.external, kLegacyOutgoing)}}}};
    if (!config_.hairpin) return role;
    const Entry toMappings = jumpEntry(std::nullopt, std::nullopt, kLegacyChain);
    role.parts.push_back({kLegacyHairpin,
                          nullptr,
                          Per::Mapping,
                          {hairpinMarkEntry(true), toMappings, hairpinMarkEntry(false)}});
    role.parts.push_back({kLegacyMasquerade, nullptr, Per::Mapping, {masqueradeEntry()}});
    for (const InterfaceName& internal : config_.internal) {
        for (const Ipv4Address address : externalAddresses_)
            role.jumps[0].entries.push_back(hairpinJumpEntry(internal, address));
        role.jumps[1].entries.push_back(hairpinOutJumpEntry(internal));
    }
    return role;
}

std::vector<IptablesBackend::Role> IptablesBackend::rolesFor(const ForwardPath::View& view) const {
    // The way through is open before packets are sent on it.
    std::vector<Role> roles;
    if (view.legacy)
        roles.push_back({"filter",
                         {{kLegacyChain, acceptEntry, Per::Mapping, {}}},
                         {{config_.forwardChain, config_.forwardRulesAppend, forwardJumps()}}});
    if (!view.nft.open.empty())
        roles.push_back({"mangle",
                         {{kLegacyChain, markEntry, Per::Mapping, {}}},
                         {{std::string{kForward}, false, forwardJumps()}}});
    roles.push_back(natRole());
    return roles;
}

std::size_t IptablesBackend::numberOf(Per per, const Rule& rule) {
    switch (per) {
        case Per::Mapping:
            return 1;
        case Per::MovedPort:
            return movesPort(rule) ? 1 : 0;
        case Per::Peer:
            return std::max<std::size_t>(rule.filters.size(), 1);
    }
    return 0;
}

std::vector<Entry> IptablesBackend::entriesOf(const Part& part, const Rule& rule) {
    std::vector<Entry> entries;
    if (part.entry == nullptr || numberOf(part.per, rule) == 0) return entries;
    if (part.per != Per::Peer) return {part.entry(rule)};
    for (const Rule& each : eachPeer(rule)) entries.push_back(part.entry(each));
    return entries;
}

bool IptablesBackend::layJumps(const Role& role, LegacyTable& table) const {
    if (!table.eraseReferences()) return false;
    for (const Jumps& jumps : role.jumps) {
        if (!table.hasChain(jumps.parent)) {
            log::error(
                "firewall: iptables table {} has no chain {}: see prerouting_chain_name and "
                "forward_chain_name",
                role.table, igd::quoted(jumps.parent));
            return false;
        }
        for (const Entry& jump : jumps.entries)
            if (!(jumps.atEnd ? table.append(jumps.parent, jump)
                              : table.insert(jumps.parent, jump)))
                return false;
    }
    return true;
}

bool IptablesBackend::lay(const Role& role, std::span<const Rule> rules) const {
    const auto fill = [&](LegacyTable& table, const Part& part) {
        return std::ranges::all_of(part.fixed,
                                   [&](const Entry& e) { return table.append(part.chain, e); }) &&
               std::ranges::all_of(rules, [&](const Rule& rule) {
                   return std::ranges::all_of(entriesOf(part, rule), [&](const Entry& entry) {
                       return table.append(part.chain, entry);
                   });
               });
    };
    return kernel_->legacy.edit(role.table, [&](LegacyTable& table) {
        return std::ranges::all_of(
                   role.parts, [&](const Part& part) { return table.layOwnChain(part.chain); }) &&
               layJumps(role, table) &&
               std::ranges::all_of(role.parts, [&](const Part& part) { return fill(table, part); });
    });
}

bool IptablesBackend::change(const Role& role, const RuleDelta& delta) const {
    const auto changePart = [&](LegacyTable& table, const Part& part) {
        const auto each = [&](const std::vector<Rule>& rules, auto change) {
            return std::ranges::all_of(rules, [&](const Rule& rule) {
                return std::ranges::all_of(entriesOf(part, rule), change);
            });
        };
        return each(delta.remove, [&](const Entry& e) { return table.erase(part.chain, e); }) &&
               each(delta.add, [&](const Entry& e) { return table.append(part.chain, e); });
    };
    return kernel_->legacy.edit(role.table, [&](LegacyTable& table) {
        return std::ranges::all_of(role.parts,
                                   [&](const Part& part) { return changePart(table, part); });
    });
}

bool IptablesBackend::clean(const char* table) const {
    return !kernel_->legacy.present(table) || kernel_->legacy.edit(table, &LegacyTable::removeOurs);
}

Result<void> IptablesBackend::apply(const RuleDelta& delta) {
    if (delta.empty()) return {};
    const auto lock = kernel_->legacy.lock();
    if (!lock) return fail(MappingError::Backend);
    for (auto role = roles_.begin(); role != roles_.end(); ++role) {
        if (change(*role, delta)) continue;
        const bool restored = std::all_of(
            roles_.begin(), role, [&](const Role& done) { return change(done, inverse(delta)); });
        if (!restored)
            log::error("firewall: and what was changed before that could not be restored");
        return fail(MappingError::Backend);
    }
    count(delta);
    kernel_->flows.applied(delta);
    return {};
}

/// The rules in nftables' chains, and nothing left of the other back end's table.
bool IptablesBackend::settleNft(const ForwardPath::View& view, const std::string& script) const {
    if (!view.nftPresent || kernel_->nft.run(deleteTableScript() + script)) return true;
    log::error("firewall: nftables refused the change: {}", igd::quoted(kernel_->nft.error(), 200));
    return false;
}

bool IptablesBackend::layAll(std::span<const Rule> rules) {
    const auto lock = kernel_->legacy.lock();
    if (!lock) return false;
    const auto uses = [&](const char* table) {
        return std::ranges::any_of(
            roles_, [&](const Role& role) { return std::string_view{role.table} == table; });
    };
    return std::ranges::all_of(kOurTables,
                               [&](const char* table) { return uses(table) || clean(table); }) &&
           std::ranges::all_of(roles_, [&](const Role& role) { return lay(role, rules); });
}

Result<void> IptablesBackend::replaceAll(std::span<const Rule> rules) {
    const auto view = forward_.look();
    if (!view) return fail(MappingError::Backend);
    view_ = *view;
    roles_ = rolesFor(view_);
    // Where a chain of nftables cannot be opened the log has said so; the others are.
    if (!settleNft(*view, forward_.openScript(*view)) && !settleNft(*view, ""))
        return fail(MappingError::Backend);
    if (!layAll(rules)) {
        // Half a set of tables would forward some mappings and not others: none is the honest
        // state.
        if (!removeAll()) log::error("firewall: and what was there could not be removed");
        return fail(MappingError::Backend);
    }
    count_ = {};
    count({{}, {rules.begin(), rules.end()}});
    kernel_->flows.replaced(rules);
    return {};
}

void IptablesBackend::count(const RuleDelta& delta) {
    for (const Rule& rule : delta.add)
        for (const Per per : {Per::Mapping, Per::MovedPort, Per::Peer})
            count_[static_cast<std::size_t>(per)] += numberOf(per, rule);
    for (const Rule& rule : delta.remove)
        for (const Per per : {Per::Mapping, Per::MovedPort, Per::Peer})
            count_[static_cast<std::size_t>(per)] -= numberOf(per, rule);
}

bool IptablesBackend::isWhole(const Role& role) const {
    const auto table = LegacyTable::read(role.table);
    return table &&
           std::ranges::all_of(
               role.parts,
               [&](const Part& part) {
                   const std::size_t mappings = count_[static_cast<std::size_t>(part.per)];
                   return table->hasChain(part.chain) &&
                          table->countRules(part.chain) ==
                              part.fixed.size() + (part.entry != nullptr ? mappings : 0);
               }) &&
           std::ranges::all_of(role.jumps, [&](const Jumps& jumps) {
               return table->hasChain(jumps.parent) &&
                      std::ranges::all_of(jumps.entries, [&](const Entry& entry) {
                          return table->holds(jumps.parent, entry);
                      });
           });
}

std::optional<std::string> IptablesBackend::damage() {
    if (roles_.empty()) return std::nullopt;
    const auto view = forward_.look();
    if (!view) return "a chain that is to be opened is missing";
    if (view->legacy != view_.legacy || view->nft.open.empty() != view_.nft.open.empty())
        return "other chains than before may drop forwarded packets";
    if (auto chain = ForwardPath::wrongChain(*view))
        return fmt::format("chain {} was not as mapped ports need it", *chain);
    for (const Role& role : roles_)
        if (!isWhole(role))
            return fmt::format("our rules in iptables table {} were changed", role.table);
    return std::nullopt;
}

bool IptablesBackend::looksTouched() {
    return std::ranges::any_of(
        roles_, [this](const Role& role) { return kernel_->legacy.looksTouched(role.table); });
}

Result<void> IptablesBackend::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    if (std::ranges::equal(externalAddresses_, addresses)) return {};
    externalAddresses_.assign(addresses.begin(), addresses.end());
    if (roles_.empty() || !config_.hairpin) return {};
    roles_ = rolesFor(view_);
    const auto lock = kernel_->legacy.lock();
    const auto relay = [&](const Role& role) {
        return kernel_->legacy.edit(role.table,
                                    [&](LegacyTable& table) { return layJumps(role, table); });
    };
    if (!lock || !std::ranges::all_of(roles_, relay)) return fail(MappingError::Backend);
    return {};
}

Result<void> IptablesBackend::removeAll() {
    FirewallConfig anywhere = config_;
    anywhere.insertForwardRules =
        InsertForwardRules::No;  // a chain that is missing now is no obstacle
    const ForwardPath path{anywhere, kernel_->nft, kernel_->legacy};
    const auto view = path.look();
    const auto lock = kernel_->legacy.lock();
    if (!view || !lock || !settleNft(*view, path.closeScript(*view)) ||
        !std::ranges::all_of(kOurTables, [&](const char* table) { return clean(table); }))
        return fail(MappingError::Backend);
    roles_.clear();
    kernel_->flows.removed();
    return {};
}

}  // namespace igd::firewall
