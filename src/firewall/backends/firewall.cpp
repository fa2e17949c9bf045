// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/firewall.h"

#include "backends/nft_mappings.h"
#include "backends/nft_pinholes.h"
#include "firewalld/firewalld_chains.h"
#include "iptables/opening_entry.h"

#include "upnpd/util/log.h"
#include "upnpd/util/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>

namespace igd::firewall {
namespace {

template <class OfNftables>
std::unique_ptr<FirewallPart> makePart(Tables tables, const FirewallConfig& config, Kernel& kernel,
                                       const LegacyIptables& legacy) {
    if (tables == Tables::Iptables) return legacy.part(config, kernel.elements);
    return std::make_unique<OfNftables>(config, kernel);
}

struct Split {
    std::vector<Rule> mappings;
    std::vector<Rule> pinholes;
    std::vector<Rule> flows;
};

Split split(std::span<const Rule> rules) {
    Split parts;
    for (const Rule& rule : rules)
        (rule.isFlow()   ? parts.flows
         : rule.isIpv6() ? parts.pinholes
                         : parts.mappings)
            .push_back(rule);
    return parts;
}

/// A part without a share in the change is not asked.
Result<void> applyTo(FirewallPart* part, const RuleDelta& delta) {
    if (delta.empty()) return {};
    if (part != nullptr) return part->apply(delta);
    log::error("firewall: pinholes cannot be made here");
    return fail(MappingError::Backend);
}

void undo(FirewallPart* part, const RuleDelta& delta) {
    if (!applyTo(part, {delta.add, delta.remove}))
        log::error("firewall: the rules changed before that could not be restored");
}

/// A kernel without nftables announces nothing; legacy iptables is all there is then.
std::unique_ptr<NftEvents> openEvents() {
    try {
        return std::make_unique<NftEvents>();
    } catch (const std::system_error& error) {
        log::error("{}", error.what());
        return nullptr;
    }
}

/// Our packets bear a mark in the forward hook, or are known by the chain of ours to which the rule
/// leads.
OpeningForm formOf(const FirewallConfig& config, Tables tables, const Family& family) {
    OpeningForm form{
        .tag = family.tag, .markBits = config.markBits, .translated = family.translates};
    if (tables == Tables::Iptables) {
        form.markBits = 0;
        form.target = kLegacyChain;
    }
    return form;
}

std::unique_ptr<FamilySide> mappingSide(const FirewallConfig& config, Kernel& kernel, Tables tables,
                                        bool asksFirewalld) {
    return std::make_unique<FamilySide>(
        config, kMappingFamily, kernel.elements,
        makePart<NftMappings>(tables, config, kernel, *kernel.legacy),
        kernel.legacy->openings(formOf(config, tables, kMappingFamily)), asksFirewalld);
}

std::unique_ptr<FamilySide> pinholeSide(const FirewallConfig& config, Kernel& kernel, Tables tables,
                                        bool asksFirewalld) {
    if (tables == Tables::None) return nullptr;
    return std::make_unique<FamilySide>(
        config, kPinholeFamily, kernel.elements,
        makePart<NftPinholes>(tables, config, kernel, *kernel.legacy6),
        kernel.legacy6->openings(formOf(config, tables, kPinholeFamily)), asksFirewalld);
}

}  // namespace

Firewall::Firewall(FirewallConfig config, std::unique_ptr<Kernel> kernel, Tables mappings,
                   Tables pinholes, std::unique_ptr<FirewalldBus> firewalld)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      name_(mappings == Tables::Iptables ? "iptables" : "nftables"),
      events_(openEvents()),
      policy_(makePolicy(std::move(firewalld))),
      mappings_(mappingSide(config_, *kernel_, mappings, policy_ != nullptr)),
      pinholes_(pinholeSide(config_, *kernel_, pinholes, policy_ != nullptr)) {}

/// Flows of what has ended may have begun anew while firewalld still let them.
std::unique_ptr<FirewalldPolicy> Firewall::makePolicy(std::unique_ptr<FirewalldBus> bus) {
    if (!bus) return nullptr;
    return std::make_unique<FirewalldPolicy>(std::move(bus), [this](std::span<const Rule> ended) {
        kernel_->flowEnder.endAgain(ended);
    });
}

bool Firewall::isByPolicy(const Rule& rule) const {
    if (rule.isFlow()) return false;
    return rule.isIpv6() ? laidPolicies_.pinholes : laidPolicies_.mappings;
}

std::vector<Rule> Firewall::byPolicy(std::span<const Rule> rules) const {
    std::vector<Rule> some;
    std::ranges::copy_if(rules, std::back_inserter(some),
                         [this](const Rule& rule) { return isByPolicy(rule); });
    return some;
}

Firewall::ByPolicy Firewall::neededPolicies() const {
    return {.mappings = mappings_->needsPolicy(),
            .pinholes = pinholes_ && pinholes_->needsPolicy()};
}

Result<bool> Firewall::prepare(const RuleDelta& delta) {
    if (!policy_) return true;
    const std::vector<Rule> rules = byPolicy(delta.add);
    return rules.empty() ? Result<bool>{true} : policy_->prepare(rules);
}

FirewallPart* Firewall::pinholePart() {
    return pinholes_ ? &pinholes_->part() : nullptr;
}

Result<void> Firewall::apply(const RuleDelta& delta) {
    Split remove = split(delta.remove);
    Split add = split(delta.add);
    const RuleDelta mappings{std::move(remove.mappings), std::move(add.mappings)};
    const RuleDelta pinholes{std::move(remove.pinholes), std::move(add.pinholes)};
    const RuleDelta laid{forwards_.toLay(mappings.remove), forwards_.toLay(mappings.add)};
    if (const auto done = applyTo(&mappings_->part(), laid); !done) return done;
    if (const auto done = applyTo(pinholePart(), pinholes); !done) {
        undo(&mappings_->part(), laid);
        return done;
    }
    const auto done = flows_.apply({std::move(remove.flows), std::move(add.flows)});
    if (!done) {
        undo(pinholePart(), pinholes);
        undo(&mappings_->part(), laid);
        return done;
    }
    lentPorts_.apply(mappings);
    kernel_->flowEnder.applied(delta);
    if (policy_) policy_->apply({byPolicy(delta.remove), byPolicy(delta.add)});
    return {};
}

bool Firewall::isBusy() const {
    return mappings_->part().isBusy() || (pinholes_ && pinholes_->part().isBusy());
}

void Firewall::judgeForwards(const HostLook& look) {
    const std::vector<UplinkSide> one{{config_.external, externalAddresses_}};
    forwards_.judge(look.rules, config_.uplinks.empty() ? one : config_.uplinks);
}

HostLook Firewall::look() {
    ahead_.reset();
    return taken(reader_.read());
}

HostLook Firewall::taken(HostLook look) {
    lookAgain_ = !look.whole;
    ownPolicyChains(look.rules);
    if (events_) events_->watch(look.places);
    return look;
}

Result<void> Firewall::replaceAll(std::span<const Rule> rules) {
    const Split parts = split(rules);
    {
        const HostLook before = look();
        judgeForwards(before);
        if (mappings_->part().usesLegacyTables()) forwards_.yield();
        if (const auto done = mappings_->lay(forwards_.toLay(parts.mappings), before); !done)
            return done;
        const auto done = pinholes_ ? pinholes_->lay(parts.pinholes, before)
                                    : applyTo(nullptr, {{}, parts.pinholes});
        if (!done) return done;
    }
    const HostLook after = look();
    mappings_->settle(after);
    if (pinholes_) pinholes_->settle(after);
    laid_ = true;
    laidPolicies_ = neededPolicies();
    if (policy_) policy_->replaceAll(byPolicy(rules), hasPolicyRules(after.rules));
    judgeForwards(after);
    flows_.replaceAll(parts.flows);
    lentPorts_.replaceAll(parts.mappings);
    kernel_->flowEnder.replaced(rules);
    return {};
}

std::optional<OutgoingFlow> Firewall::findFlow(const FlowKey& key) {
    return kernelFlows_.find(key);
}

Result<std::uint64_t> Firewall::packets(const Rule& rule) {
    if (rule.isFlow() || !rule.isIpv6() || !pinholes_) return fail(MappingError::NotFound);
    return pinholes_->part().packets(rule);
}

/// Returns the part that has the rule; nullptr: none has.
FirewallPart* Firewall::partOf(const Rule& rule) {
    if (rule.isFlow()) return nullptr;
    return rule.isIpv6() ? pinholePart() : &mappings_->part();
}

Result<std::vector<std::optional<Traffic>>> Firewall::traffic(std::span<const Rule> rules) {
    std::vector<std::optional<Traffic>> all(rules.size());
    for (FirewallPart* const part : {&mappings_->part(), pinholePart()}) {
        std::vector<Rule> its;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < rules.size(); ++i)
            if (part != nullptr && partOf(rules[i]) == part) {
                its.push_back(rules[i]);
                places.push_back(i);
            }
        if (its.empty()) continue;
        const auto counted = part->traffic(its);
        if (!counted) return fail(counted.error());
        for (std::size_t i = 0; i < places.size(); ++i) all[places[i]] = (*counted)[i];
    }
    return all;
}

std::optional<std::string> Firewall::foreignForward(Protocol protocol, Port port) {
    return forwards_.find(protocol, port);
}

std::optional<std::string> Firewall::stops(Protocol protocol, Port external,
                                           const IpEndpoint& internal) {
    const bool ipv6 = std::holds_alternative<Ipv6Address>(internal.address);
    const FamilySide* const side = ipv6 ? pinholes_.get() : mappings_.get();
    return side != nullptr ? side->stops(protocol, external, internal) : std::nullopt;
}

Result<void> Firewall::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    const bool moved = !std::ranges::equal(externalAddresses_, addresses);
    externalAddresses_.assign(addresses.begin(), addresses.end());
    kernel_->flowEnder.externalAddressesAre(addresses);
    lentPorts_.externalAddressIs(addresses.empty() ? std::nullopt
                                                   : std::optional{addresses.front()});
    if (laid_ && moved) judgeForwards(look());
    return mappings_->externalAddressChanged(addresses);
}

void Firewall::sidesChanged(Sides sides) {
    config_.external = sides.external;
    config_.external6 = std::move(sides.external6);
    config_.internal = std::move(sides.internal);
    config_.uplinks = std::move(sides.uplinks);
    if (policy_) policy_->externalIs(config_.external);
}

void Firewall::openNatChanged(std::vector<OpenNat> openNat) {
    config_.openNat = std::move(openNat);
}

bool Firewall::servesOpenNat() const {
    return !mappings_->part().usesLegacyTables();
}

Result<void> Firewall::removeAll(FlowsThen flows) {
    const HostLook now = look();
    const auto mappings = mappings_->remove(now);
    const auto pinholes = pinholes_ ? pinholes_->remove(now) : Result<void>{};
    flows == FlowsThen::End ? flows_.removeAll() : flows_.forget();
    lentPorts_.replaceAll({});
    if (mappings && pinholes) {
        flows == FlowsThen::End ? kernel_->flowEnder.removed() : kernel_->flowEnder.forget();
        laid_ = false;
    }
    const auto policy = policy_ ? policy_->removeAll(hasPolicyRules(now.rules)) : Result<void>{};
    if (!mappings || !pinholes) return fail(MappingError::Backend);
    return policy;
}

void Firewall::rest() {
    giveMemoryBack();
}

std::string_view Firewall::name() const {
    return name_;
}

bool Firewall::readOn(std::chrono::microseconds budget) {
    if (laid_) ahead_ = reader_.readFor(budget);
    return !laid_ || ahead_.has_value();
}

std::optional<std::string> Firewall::damage() {
    if (!laid_) return std::nullopt;
    const HostLook now = ahead_ ? taken(*std::exchange(ahead_, std::nullopt)) : look();
    if (lookAgain_) return std::nullopt;  // half of the rules say nothing
    judgeForwards(now);
    if (forwards_.yieldOthers()) return "the administrator leads other ports on";
    auto damage = mappings_->damage(now);
    const auto ofPinholes = pinholes_ ? pinholes_->damage(now) : std::nullopt;
    if (damage || ofPinholes) return damage ? damage : ofPinholes;
    return policyDamage();
}

/// firewalld has come, gone, or become strict.
std::optional<std::string> Firewall::policyDamage() const {
    if (neededPolicies() == laidPolicies_) return std::nullopt;
    return "firewalld's table is not as it was";
}

std::vector<ChainRefusal> Firewall::refusals() const {
    std::vector<ChainRefusal> all;
    for (const FamilySide* const side : {mappings_.get(), pinholes_.get()})
        if (side != nullptr)
            for (const auto& [chain, refusal] : side->refusals())
                all.push_back({chain, refusal.why});
    if (policy_ && !policy_->complaint().empty())
        all.push_back({fmt::format("firewalld policy {}", kFirewalldPolicy), policy_->complaint()});
    std::ranges::sort(all, {}, &ChainRefusal::chain);
    return all;
}

std::vector<int> Firewall::announcements() const {
    std::vector<int> descriptors;
    if (events_) descriptors.push_back(events_->descriptor());
    if (policy_) descriptors.push_back(policy_->descriptor());
    return descriptors;
}

Announced Firewall::heard() {
    if (policy_) policy_->hear();
    return events_ ? events_->drain() : Announced::Nothing;
}

SilentRules Firewall::lookAtSilentRules() {
    const auto ofPinholes = pinholes_ ? pinholes_->lookAtSilentRules() : SilentRules::None;
    return std::max(mappings_->lookAtSilentRules(), ofPinholes);
}

}  // namespace igd::firewall
