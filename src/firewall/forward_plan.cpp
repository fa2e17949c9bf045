// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward_plan.h"

#include "names.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::firewall {
namespace {

constexpr int kFilterPriority = 0;
constexpr int kAhead = 5;

/// A filter chain, and not one of those that mangle or look before it.
bool isFilter(const NftChain& chain) {
    return chain.forwardPriority && *chain.forwardPriority >= kFilterPriority;
}

bool wants(const NftChain& chain, const FirewallConfig& config) {
    if (config.insertForwardRules == InsertForwardRules::No) return false;
    if (namesForwardChain(config)) return chain.name == config.forwardChain;
    if (!chain.forwardPriority) return false;
    return mayDrop(chain) || (config.insertForwardRules == InsertForwardRules::Yes && isFilter(chain));
}

bool holdsOpening(const NftChain& chain) {
    return std::any_of(chain.rules.begin(), chain.rules.end(),
                       [](const NftRule& rule) { return rule.opening || rule.xtOpening; });
}

}  // namespace

bool namesForwardChain(const FirewallConfig& config) {
    return config.forwardChain != kForward;
}

ForwardPlan planForward(const std::vector<NftChain>& chains, const FirewallConfig& config) {
    ForwardPlan plan;
    for (const NftChain& chain : chains) {
        if (wants(chain, config)) plan.open.push_back(chain);
        if (holdsOpening(chain)) plan.holdingOpenings.push_back(chain);
        // A chain of the user's own may hang anywhere on the hook.
        if (chain.forwardPriority && (wants(chain, config) || namesForwardChain(config)))
            plan.markPriority = std::min(plan.markPriority, *chain.forwardPriority - kAhead);
    }
    return plan;
}

std::string openScript(const NftChain& chain, const FirewallConfig& config) {
    return fmt::format(
        "{} rule {} meta mark & {:#010x} == {:#010x} ct status dnat counter accept comment \"{}\"\n",
        config.forwardRulesAppend ? "add" : "insert", toString(chain), kPacketMark, kPacketMark, kTag);
}

std::string closeScript(const NftChain& chain) {
    std::string script;
    for (const NftRule& rule : chain.rules)
        if (rule.opening) script += fmt::format("delete rule {} handle {}\n", toString(chain), rule.handle);
    return script;
}

}  // namespace igd::firewall
