// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/ip6tables_pinholes.h"

#include "iptables/ip6t_entry.h"
#include "names.h"
#include "nft/pinhole_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::firewall {

Ip6tablesPinholes::Ip6tablesPinholes(FirewallConfig config, std::unique_ptr<PinholeKernel> kernel)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      forward_(config_, kernel_->nft, kernel_->legacy) {}

std::vector<Ip6tablesPinholes::Role> Ip6tablesPinholes::rolesFor(
    const ForwardPath::View& view) const {
    const bool wanted = config_.insertForwardRules != InsertForwardRules::No;
    // What is not to stand in FORWARD is only counted there: in mangle it decides nothing.
    std::vector<Role> roles{
        {"filter", pinholeAcceptEntry, config_.forwardChain6, config_.forwardRulesAppend}};
    if (!wanted) roles.clear();
    if (!wanted || !view.nft.open.empty())
        roles.push_back({"mangle", pinholeMarkEntry, std::string{kForward}, false});
    return roles;
}

std::vector<Entry> Ip6tablesPinholes::jumps() const {
    return {pinholeJumpEntry(config_.external, std::nullopt),
            pinholeJumpEntry(std::nullopt, config_.external)};
}

bool Ip6tablesPinholes::lay(const Role& role, std::span<const PinholeRule> rules) const {
    return kernel_->legacy.edit(role.table, [&](LegacyTable6& table) {
        if (!table.removeOurs() || !table.layOwnChain(kLegacyChain)) return false;
        if (!table.hasChain(role.parent)) {
            log::error("firewall: ip6tables table {} has no chain {}: see ipv6forward_chain_name",
                       role.table, igd::quoted(role.parent));
            return false;
        }
        return std::ranges::all_of(jumps(),
                                   [&](const Entry& jump) {
                                       return role.atEnd ? table.append(role.parent, jump)
                                                         : table.insert(role.parent, jump);
                                   }) &&
               std::ranges::all_of(rules, [&](const PinholeRule& rule) {
                   return table.append(kLegacyChain, role.entry(rule.key));
               });
    });
}

bool Ip6tablesPinholes::change(const Role& role, const PinholeDelta& delta) const {
    // A renewal changes nothing here: the daemon ends the lease.
    const auto stands = [](const std::vector<PinholeRule>& rules, const PinholeRule& rule) {
        return std::ranges::find(rules, rule.key, &PinholeRule::key) != rules.end();
    };
    return kernel_->legacy.edit(role.table, [&](LegacyTable6& table) {
        return std::ranges::all_of(delta.remove,
                                   [&](const PinholeRule& rule) {
                                       return stands(delta.add, rule) ||
                                              table.erase(kLegacyChain, role.entry(rule.key));
                                   }) &&
               std::ranges::all_of(delta.add, [&](const PinholeRule& rule) {
                   return stands(delta.remove, rule) ||
                          table.append(kLegacyChain, role.entry(rule.key));
               });
    });
}

Result<void> Ip6tablesPinholes::apply(const PinholeDelta& delta) {
    const auto lock = kernel_->legacy.lock();
    if (!lock) return fail(MappingError::Backend);
    for (auto role = roles_.begin(); role != roles_.end(); ++role) {
        if (change(*role, delta)) continue;
        const PinholeDelta inverse{delta.add, delta.remove};
        if (!std::all_of(roles_.begin(), role,
                         [&](const Role& done) { return change(done, inverse); }))
            log::error("firewall: and what was changed before that could not be restored");
        return fail(MappingError::Backend);
    }
    count_ += delta.add.size();
    count_ -= delta.remove.size();
    return {};
}

bool Ip6tablesPinholes::settleNft(const std::string& script) const {
    if (kernel_->nft.run(deletePinholeTableScript() + script)) return true;
    log::error("firewall: nftables refused the change: {}", igd::quoted(kernel_->nft.error(), 200));
    return false;
}

Result<void> Ip6tablesPinholes::replaceAll(std::span<const PinholeRule> rules) {
    const auto view = forward_.look();
    if (!view) return fail(MappingError::Backend);
    view_ = *view;
    roles_ = rolesFor(view_);
    count_ = rules.size();
    if (view->nftPresent && !settleNft(forward_.openScript(*view)))
        return fail(MappingError::Backend);
    const auto lock = kernel_->legacy.lock();
    if (!lock || !std::ranges::all_of(roles_, [&](const Role& role) { return lay(role, rules); }))
        return fail(MappingError::Backend);
    return {};
}

Result<std::uint64_t> Ip6tablesPinholes::packets(const PinholeRule& rule) {
    if (roles_.empty()) return fail(MappingError::Backend);
    const Role& role =
        roles_.back();  // a packet that is accepted in filter has been through mangle
    const auto table = LegacyTable6::read(role.table);
    const auto packets =
        table ? table->packetsOf(kLegacyChain, role.entry(rule.key)) : std::nullopt;
    if (!packets) return fail(MappingError::Backend);
    return *packets;
}

bool Ip6tablesPinholes::isWhole(const Role& role) const {
    const auto table = LegacyTable6::read(role.table);
    return table && table->hasChain(kLegacyChain) && table->countRules(kLegacyChain) == count_ &&
           table->hasChain(role.parent) && std::ranges::all_of(jumps(), [&](const Entry& jump) {
               return table->holds(role.parent, jump);
           });
}

std::optional<std::string> Ip6tablesPinholes::damage() {
    if (roles_.empty()) return std::nullopt;
    const auto view = forward_.look();
    if (!view) return "a chain that is to be opened is missing";
    if (view->nft.open.empty() != view_.nft.open.empty())
        return "other chains than before may drop forwarded IPv6 packets";
    if (auto chain = ForwardPath::wrongChain(*view))
        return fmt::format("chain {} was not as pinholes need it", *chain);
    for (const Role& role : roles_)
        if (!isWhole(role))
            return fmt::format("our rules in ip6tables table {} were changed", role.table);
    return std::nullopt;
}

bool Ip6tablesPinholes::looksTouched() {
    return std::ranges::any_of(
        roles_, [this](const Role& role) { return kernel_->legacy.looksTouched(role.table); });
}

Result<void> Ip6tablesPinholes::removeAll() {
    FirewallConfig anywhere = config_;
    anywhere.insertForwardRules =
        InsertForwardRules::No;  // a chain that is missing now is no obstacle
    const ForwardPath path{anywhere, kernel_->nft, kernel_->legacy};
    const auto view = path.look();
    const auto lock = kernel_->legacy.lock();
    const auto clean = [&](const char* table) {
        return !kernel_->legacy.present(table) ||
               kernel_->legacy.edit(table, &LegacyTable6::removeOurs);
    };
    if (!view || !lock || (view->nftPresent && !settleNft(path.closeScript(*view))) ||
        !clean("filter") || !clean("mangle"))
        return fail(MappingError::Backend);
    roles_.clear();
    return {};
}

}  // namespace igd::firewall
