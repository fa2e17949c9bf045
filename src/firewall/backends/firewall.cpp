// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/firewall.h"

#include "backends/iptables_mappings.h"
#include "backends/iptables_pinholes.h"
#include "backends/nft_mappings.h"
#include "backends/nft_pinholes.h"
#include "iptables/opening_entry.h"

#include "upnpd/util/log.h"
#include "upnpd/util/memory.h"

#include <algorithm>
#include <system_error>

#include <net/if.h>

namespace igd::firewall {
namespace {

template <class OfNftables, class OfIptables>
std::unique_ptr<FirewallPart> makePart(Tables tables, const FirewallConfig& config,
                                       Kernel& kernel) {
    switch (tables) {
        case Tables::Nftables:
            return std::make_unique<OfNftables>(config, kernel);
        case Tables::Iptables:
            return std::make_unique<OfIptables>(config, kernel);
        case Tables::None:
            break;
    }
    return nullptr;
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
        log::notice("{}", error.what());
        return nullptr;
    }
}

/// Our packets bear a mark in the forward hook, or are known by the chain of ours to which the rule
/// leads.
template <class Ip>
std::unique_ptr<LegacyOpenings> legacyOpenings(const FirewallConfig& config, Tables tables,
                                               const BasicLegacyTables<Ip>& legacy) {
    OpeningForm form{
        .tag = Ip::kNames.tag, .markBits = config.markBits, .translated = Ip::kNames.translates};
    if (tables == Tables::Iptables) {
        form.markBits = 0;
        form.target = kLegacyChain;
    }
    return std::make_unique<LegacyOpeningsOf<Ip>>(legacy, form);
}

std::unique_ptr<FamilySide> mappingSide(const FirewallConfig& config, Kernel& kernel,
                                        Tables tables) {
    return std::make_unique<FamilySide>(
        config, kMappingFamily, kernel.elements,
        makePart<NftMappings, IptablesMappings>(tables, config, kernel),
        legacyOpenings(config, tables, kernel.legacy));
}

std::unique_ptr<FamilySide> pinholeSide(const FirewallConfig& config, Kernel& kernel,
                                        Tables tables) {
    if (tables == Tables::None) return nullptr;
    return std::make_unique<FamilySide>(
        config, kPinholeFamily, kernel.elements,
        makePart<NftPinholes, IptablesPinholes>(tables, config, kernel),
        legacyOpenings(config, tables, kernel.legacy6));
}

}  // namespace

Firewall::Firewall(FirewallConfig config, std::unique_ptr<Kernel> kernel, Tables mappings,
                   Tables pinholes)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      name_(mappings == Tables::Iptables ? "iptables" : "nftables"),
      events_(openEvents()),
      mappings_(mappingSide(config_, *kernel_, mappings)),
      pinholes_(pinholeSide(config_, *kernel_, pinholes)),
      forwards_(config_.external) {}

FirewallPart* Firewall::pinholePart() {
    return pinholes_ ? &pinholes_->part() : nullptr;
}

Result<void> Firewall::apply(const RuleDelta& delta) {
    Split remove = split(delta.remove);
    Split add = split(delta.add);
    const RuleDelta mappings{std::move(remove.mappings), std::move(add.mappings)};
    const RuleDelta pinholes{std::move(remove.pinholes), std::move(add.pinholes)};
    if (const auto done = applyTo(&mappings_->part(), mappings); !done) return done;
    if (const auto done = applyTo(pinholePart(), pinholes); !done) {
        undo(&mappings_->part(), mappings);
        return done;
    }
    const auto done = flows_.apply({std::move(remove.flows), std::move(add.flows)});
    if (!done) {
        undo(pinholePart(), pinholes);
        undo(&mappings_->part(), mappings);
        return done;
    }
    lentPorts_.apply(mappings);
    kernel_->flowEnder.applied(delta);
    return {};
}

bool Firewall::isBusy() const {
    return mappings_->part().isBusy() || (pinholes_ && pinholes_->part().isBusy());
}

std::uint32_t Firewall::externalIndex() const {
    return ::if_nametoindex(config_.external.text().c_str());
}

HostLook Firewall::look() {
    HostLook look = reader_.read();
    lookAgain_ = !look.whole;
    if (events_) events_->watch(look.places);
    return look;
}

Result<void> Firewall::replaceAll(std::span<const Rule> rules) {
    const Split parts = split(rules);
    {
        const HostLook before = look();
        if (const auto done = mappings_->lay(parts.mappings, before); !done) return done;
        const auto done = pinholes_ ? pinholes_->lay(parts.pinholes, before)
                                    : applyTo(nullptr, {{}, parts.pinholes});
        if (!done) return done;
    }
    const HostLook after = look();
    mappings_->settle(after);
    if (pinholes_) pinholes_->settle(after);
    laid_ = true;
    forwards_.judge(after.rules, externalIndex(), externalAddresses_);
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
    if (laid_ && moved) forwards_.judge(look().rules, externalIndex(), externalAddresses_);
    return mappings_->externalAddressChanged(addresses);
}

void Firewall::internalInterfacesChanged(std::vector<InterfaceName> internal) {
    config_.internal = std::move(internal);
}

Result<void> Firewall::removeAll() {
    const HostLook now = look();
    const auto mappings = mappings_->remove(now);
    const auto pinholes = pinholes_ ? pinholes_->remove(now) : Result<void>{};
    flows_.removeAll();
    lentPorts_.replaceAll({});
    if (mappings && pinholes) {
        kernel_->flowEnder.removed();
        laid_ = false;
    }
    return mappings ? pinholes : mappings;
}

void Firewall::rest() {
    giveMemoryBack();
}

std::string_view Firewall::name() const {
    return name_;
}

std::optional<std::string> Firewall::damage() {
    if (!laid_) return std::nullopt;
    const HostLook now = look();
    if (lookAgain_) return std::nullopt;  // half of the rules say nothing
    forwards_.judge(now.rules, externalIndex(), externalAddresses_);
    auto damage = mappings_->damage(now);
    const auto ofPinholes = pinholes_ ? pinholes_->damage(now) : std::nullopt;
    return damage ? damage : ofPinholes;
}

std::vector<ChainRefusal> Firewall::refusals() const {
    std::vector<ChainRefusal> all;
    for (const FamilySide* const side : {mappings_.get(), pinholes_.get()})
        if (side != nullptr)
            for (const auto& [chain, refusal] : side->refusals())
                all.push_back({chain, refusal.why});
    std::ranges::sort(all, {}, &ChainRefusal::chain);
    return all;
}

int Firewall::announcements() const {
    return events_ ? events_->descriptor() : -1;
}

Announced Firewall::heard() {
    return events_ ? events_->drain() : Announced::Nothing;
}

SilentRules Firewall::lookAtSilentRules() {
    const auto ofPinholes = pinholes_ ? pinholes_->lookAtSilentRules() : SilentRules::None;
    return std::max(mappings_->lookAtSilentRules(), ofPinholes);
}

}  // namespace igd::firewall
