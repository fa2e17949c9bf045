// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/firewall.h"

#include "backends/iptables_mappings.h"
#include "backends/iptables_pinholes.h"
#include "backends/nft_mappings.h"
#include "backends/nft_pinholes.h"
#include "nat_rulesets.h"

#include "upnpd/util/log.h"
#include "upnpd/util/memory.h"

#include <algorithm>

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

/// Frees libnftables' view of the ruleset, 0.5 MB for each table, when a look or a repair is done.
class Forgetting {
public:
    explicit Forgetting(NftContext& nft) : nft_(nft) {}
    Forgetting(const Forgetting&) = delete;
    Forgetting& operator=(const Forgetting&) = delete;
    ~Forgetting() { nft_.forget(); }

private:
    NftContext& nft_;
};

}  // namespace

Firewall::Firewall(FirewallConfig config, std::unique_ptr<Kernel> kernel, Tables mappings,
                   Tables pinholes)
    : config_(std::move(config)),
      kernel_(std::move(kernel)),
      name_(mappings == Tables::Iptables ? "iptables" : "nftables"),
      mappings_(makePart<NftMappings, IptablesMappings>(mappings, config_, *kernel_)),
      pinholes_(makePart<NftPinholes, IptablesPinholes>(pinholes, config_, *kernel_)),
      forwards_(config_.external) {}

Result<void> Firewall::apply(const RuleDelta& delta) {
    Split remove = split(delta.remove);
    Split add = split(delta.add);
    const RuleDelta mappings{std::move(remove.mappings), std::move(add.mappings)};
    const RuleDelta pinholes{std::move(remove.pinholes), std::move(add.pinholes)};
    if (const auto done = applyTo(mappings_.get(), mappings); !done) return done;
    if (const auto done = applyTo(pinholes_.get(), pinholes); !done) {
        undo(mappings_.get(), mappings);
        return done;
    }
    const auto done = flows_.apply({std::move(remove.flows), std::move(add.flows)});
    if (!done) {
        undo(pinholes_.get(), pinholes);
        undo(mappings_.get(), mappings);
        return done;
    }
    lentPorts_.apply(mappings);
    kernel_->flowEnder.applied(delta);
    return {};
}

bool Firewall::isBusy() const {
    return mappings_->isBusy() || (pinholes_ && pinholes_->isBusy());
}

Result<void> Firewall::replaceAll(std::span<const Rule> rules) {
    const Forgetting afterwards{kernel_->nft};
    const Split parts = split(rules);
    const RulesetJson before = kernel_->nft.rulesetJson();
    if (const auto done = mappings_->replaceAll(parts.mappings, before); !done) return done;
    const auto done = pinholes_ ? pinholes_->replaceAll(parts.pinholes, before)
                                : applyTo(nullptr, {{}, parts.pinholes});
    const RulesetJson after = kernel_->nft.rulesetJson();
    mappings_->replaced(after);
    if (pinholes_) pinholes_->replaced(after);
    laid_ = true;
    judgeForwards(after);
    flows_.replaceAll(parts.flows);
    lentPorts_.replaceAll(parts.mappings);
    kernel_->flowEnder.replaced(rules);
    return done;
}

void Firewall::judgeForwards(const RulesetJson& ruleset) {
    forwards_.judge(natRulesets(kernel_->legacy, ruleset), externalAddresses_,
                    [this] { return kernel_->nft.listText("ruleset").value_or(""); });
}

std::optional<OutgoingFlow> Firewall::findFlow(const FlowKey& key) {
    return kernelFlows_.find(key);
}

Result<std::uint64_t> Firewall::packets(const Rule& rule) {
    if (rule.isFlow() || !rule.isIpv6() || !pinholes_) return fail(MappingError::NotFound);
    return pinholes_->packets(rule);
}

std::optional<std::string> Firewall::foreignForward(Protocol protocol, Port port) {
    return forwards_.find(protocol, port);
}

Result<void> Firewall::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    const bool moved = !std::ranges::equal(externalAddresses_, addresses);
    externalAddresses_.assign(addresses.begin(), addresses.end());
    kernel_->flowEnder.externalAddressesAre(addresses);
    lentPorts_.externalAddressIs(addresses.empty() ? std::nullopt
                                                   : std::optional{addresses.front()});
    if (laid_ && moved) {
        const Forgetting afterwards{kernel_->nft};
        judgeForwards(kernel_->nft.rulesetJson());
    }
    return mappings_->externalAddressChanged(addresses);
}

void Firewall::internalInterfacesChanged(std::vector<InterfaceName> internal) {
    config_.internal = std::move(internal);
}

Result<void> Firewall::removeAll() {
    const Forgetting afterwards{kernel_->nft};
    const RulesetJson ruleset = kernel_->nft.rulesetJson();
    const auto mappings = mappings_->removeAll(ruleset);
    const auto pinholes = pinholes_ ? pinholes_->removeAll(ruleset) : Result<void>{};
    flows_.removeAll();
    lentPorts_.replaceAll({});
    if (mappings && pinholes) {
        kernel_->flowEnder.removed();
        laid_ = false;
    }
    return mappings ? pinholes : mappings;
}

/// A look at the ruleset takes megabytes, and a table with thousands of elements tens of them; the
/// next one may be a year away.
void Firewall::rest() {
    giveMemoryBack();
}

std::string_view Firewall::name() const {
    return name_;
}

std::optional<std::string> Firewall::damage() {
    if (!laid_) return std::nullopt;
    const Forgetting afterwards{kernel_->nft};
    const RulesetJson ruleset = kernel_->nft.rulesetJson();
    judgeForwards(ruleset);
    auto damage = mappings_->damage(ruleset);
    return damage || !pinholes_ ? damage : pinholes_->damage(ruleset);
}

SilentRules Firewall::lookAtSilentRules() {
    const auto ofPinholes = pinholes_ ? pinholes_->lookAtSilentRules() : SilentRules::None;
    return std::max(mappings_->lookAtSilentRules(), ofPinholes);
}

}  // namespace igd::firewall
