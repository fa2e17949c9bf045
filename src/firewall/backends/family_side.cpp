// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/family_side.h"

#include "firewalld/firewalld_chains.h"
#include "forward/path.h"

#include "upnpd/util/build_parts.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd::firewall {
namespace {

const std::string& chainNameOf(const FirewallConfig& config, const Family& family) {
    return family.translates ? config.forwardChain : config.forwardChain6;
}

inspect::Insert insertOf(InsertForwardRules wish) {
    switch (wish) {
        case InsertForwardRules::Yes:
            return inspect::Insert::Always;
        case InsertForwardRules::No:
            return inspect::Insert::Never;
        case InsertForwardRules::Auto:
            break;
    }
    return inspect::Insert::Auto;
}

inspect::Wishes wishesOf(const FirewallConfig& config, const Family& family) {
    const std::string& chain = chainNameOf(config, family);
    return {.insert = insertOf(config.insertForwardRules),
            .chain = chain == kForward ? "" : chain,
            .append = config.forwardRulesAppend};
}

}  // namespace

FamilySide::FamilySide(const FirewallConfig& config, const Family& family, NftSocket& nft,
                       std::unique_ptr<FirewallPart> part, std::unique_ptr<LegacyOpenings> legacy,
                       bool asksFirewalld)
    : config_(config),
      family_(family),
      part_(std::move(part)),
      legacy_(std::move(legacy)),
      foreign_(config, family, nft, *legacy_),
      asksFirewalld_(asksFirewalld) {}

HostView FamilySide::viewOf(const HostLook& look) const {
    return {.rules = look.rules,
            .plan = inspect::planOpenings(look.rules, pathsOf(config_, family_, externalAddresses_),
                                          wishesOf(config_, family_)),
            .ownHandles = look.handlesOf(family_.table)};
}

Result<void> FamilySide::lay(std::span<const Rule> rules, const HostLook& look) {
    if (!part_->usesLegacyTables() && !legacy_->removeOwnChains())
        return fail(MappingError::Backend);
    return part_->replaceAll(rules, viewOf(look));
}

void FamilySide::settle(const HostLook& look) {
    const HostView view = viewOf(look);
    part_->replaced(view);
    foreign_.settle(look.rules, view.plan);
    judge(look, view.plan);
}

std::optional<std::string> FamilySide::damage(const HostLook& look) {
    const HostView view = viewOf(look);
    judge(look, view.plan);
    if (auto damage = part_->damage(view)) return damage;
    if (const auto chain = foreign_.wrongChain(look.rules, view.plan))
        return fmt::format("chain {} was not as {} need it", *chain, family_.openings);
    return std::nullopt;
}

SilentRules FamilySide::lookAtSilentRules() const {
    return std::max(part_->lookAtSilentRules(), legacy_->look());
}

Result<void> FamilySide::remove(const HostLook& look) {
    const bool cleared = foreign_.clear(look.rules);
    const auto removed = part_->removeAll();
    outside_.clear();
    needsPolicy_ = false;
    if (!cleared || !legacy_->removeOwnChains()) return fail(MappingError::Backend);
    return removed;
}

void FamilySide::judge(const HostLook& look, const inspect::Plan& plan) {
    inspect::Plan taken = foreign_.taken(look.rules, plan);
    needsPolicy_ = asksFirewalld_ && config_.insertForwardRules != InsertForwardRules::No &&
                   openByPolicy(look.rules, taken, !family_.translates);
    outside_.clear();
    for (const inspect::Path& path : pathsOf(config_, family_, externalAddresses_))
        outside_.push_back({inspect::Residue{look.rules, path, taken}, path.externalAddress});
    complain(look.rules, taken);
}

bool FamilySide::namedChainIsMissing(const inspect::Ruleset& rules) const {
    const std::string& name = chainNameOf(config_, family_);
    return config_.insertForwardRules != InsertForwardRules::No && name != kForward &&
           std::ranges::none_of(rules.chains,
                                [&](const inspect::Chain& chain) { return chain.name == name; });
}

std::string FamilySide::whyClosed(const inspect::Ruleset& rules,
                                  const inspect::Place& place) const {
    if (!asksFirewalld_ && opensByPolicy(rules, place, !family_.translates))
        return builtWithout(BuildPart::Systemd) +
               ", to ask firewalld: set NftablesTableOwner=no in /etc/firewalld/firewalld.conf and "
               "restart firewalld";
    return "no rule of ours can help";
}

/// Says once what stays closed whatever we do.
void FamilySide::complain(const inspect::Ruleset& rules, const inspect::Plan& plan) {
    std::set<std::string> complaints;
    for (const inspect::Place& place : plan.closed)
        complaints.insert(fmt::format("{} stops {}: requests are refused, for {}",
                                      rules.describe(place), family_.openings,
                                      whyClosed(rules, place)));
    if (namedChainIsMissing(rules))
        complaints.insert(
            fmt::format("no chain is called {}: see {}", igd::quoted(chainNameOf(config_, family_)),
                        family_.translates ? "forward_chain_name" : "ipv6forward_chain_name"));
    for (const std::string& text : complaints)
        if (!complaints_.contains(text)) log::error("firewall: {}", text);
    complaints_ = std::move(complaints);
}

Result<void> FamilySide::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    externalAddresses_.assign(addresses.begin(), addresses.end());
    return part_->externalAddressChanged(addresses);
}

std::optional<std::string> FamilySide::stops(Protocol protocol, Port external,
                                             const IpEndpoint& internal) const {
    std::optional<std::string> stops;
    for (const Outside& each : outside_) {
        const IpEndpoint outside = externalAddresses_.empty() || !family_.translates
                                       ? internal
                                       : IpEndpoint{each.address, external};
        stops = each.residue.stop(protocol, outside, internal);
        if (!stops) break;  // it is reached by that interface
    }
    return stops;
}

}  // namespace igd::firewall
