// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables_backend.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include "names.h"
#include "nft_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace igd::firewall {
namespace {

constexpr std::array kOurTables{"nat", "filter", "mangle"};

RuleDelta inverse(const RuleDelta& delta) {
    return {delta.add, delta.remove};
}

}  // namespace

IptablesBackend::IptablesBackend(FirewallConfig config, std::unique_ptr<Kernel> kernel)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      forward_(config_, kernel_->nft, kernel_->legacy) {}

std::vector<IptablesBackend::Role> IptablesBackend::rolesFor(const ForwardPath::View& view) const {
    const std::vector both{jumpEntry(config_.external, std::nullopt),
                           jumpEntry(std::nullopt, config_.external)};
    // The way through is open before packets are sent on it.
    std::vector<Role> roles;
    if (view.legacy) roles.push_back({"filter", config_.forwardChain, both, acceptEntry});
    if (!view.nft.open.empty()) roles.push_back({"mangle", std::string{kForward}, both, markEntry});
    roles.push_back(
        {"nat", config_.preroutingChain, {localJumpEntry(config_.external)}, [this](const Rule& rule) {
             return dnatEntry(config_.external, rule);
         }});
    return roles;
}

bool IptablesBackend::lay(const Role& role, std::span<const Rule> rules) const {
    return kernel_->legacy.edit(role.table, [&](LegacyTable& table) {
        if (!table.hasChain(role.parent)) {
            log::error(
                "firewall: iptables table {} has no chain {}: see prerouting_chain_name and "
                "forward_chain_name",
                role.table, igd::quoted(role.parent));
            return false;
        }
        return table.layOwnChain() &&
               std::ranges::all_of(role.jumps,
                                   [&](const Entry& jump) {
                                       return config_.forwardRulesAppend ? table.append(role.parent, jump)
                                                                         : table.insert(role.parent, jump);
                                   }) &&
               std::ranges::all_of(
                   rules, [&](const Rule& rule) { return table.append(kLegacyChain, role.entry(rule)); });
    });
}

bool IptablesBackend::change(const Role& role, const RuleDelta& delta) const {
    return kernel_->legacy.edit(role.table, [&](LegacyTable& table) {
        return std::ranges::all_of(
                   delta.remove,
                   [&](const Rule& rule) { return table.erase(kLegacyChain, role.entry(rule)); }) &&
               std::ranges::all_of(
                   delta.add, [&](const Rule& rule) { return table.append(kLegacyChain, role.entry(rule)); });
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
        const bool restored =
            std::all_of(roles_.begin(), role, [&](const Role& done) { return change(done, inverse(delta)); });
        if (!restored) log::error("firewall: and what was changed before that could not be restored");
        return fail(MappingError::Backend);
    }
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
        return std::ranges::any_of(roles_,
                                   [&](const Role& role) { return std::string_view{role.table} == table; });
    };
    return std::ranges::all_of(kOurTables, [&](const char* table) { return uses(table) || clean(table); }) &&
           std::ranges::all_of(roles_, [&](const Role& role) { return lay(role, rules); });
}

Result<void> IptablesBackend::replaceAll(std::span<const Rule> rules) {
    const auto view = forward_.look();
    if (!view) return fail(MappingError::Backend);
    roles_ = rolesFor(*view);
    // Where a chain of nftables cannot be opened the log has said so; the others are.
    if (!settleNft(*view, forward_.openScript(*view)) && !settleNft(*view, ""))
        return fail(MappingError::Backend);
    if (!layAll(rules)) {
        // Half a set of tables would forward some mappings and not others: none is the honest state.
        if (!removeAll()) log::error("firewall: and what was there could not be removed");
        return fail(MappingError::Backend);
    }
    kernel_->flows.replaced(rules);
    return {};
}

Result<void> IptablesBackend::removeAll() {
    FirewallConfig anywhere = config_;
    anywhere.insertForwardRules = InsertForwardRules::No;  // a chain that is missing now is no obstacle
    const ForwardPath path{anywhere, kernel_->nft, kernel_->legacy};
    const auto view = path.look();
    const auto lock = kernel_->legacy.lock();
    if (!view || !lock || !settleNft(*view, path.closeScript(*view)) ||
        !std::ranges::all_of(kOurTables, [&](const char* table) { return clean(table); }))
        return fail(MappingError::Backend);
    kernel_->flows.removed();
    return {};
}

}  // namespace igd::firewall
