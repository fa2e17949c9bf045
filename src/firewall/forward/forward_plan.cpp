// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/forward_plan.h"

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

bool wants(const NftChain& chain, const FirewallConfig& config, const Family& family) {
    if (config.insertForwardRules == InsertForwardRules::No) return false;
    if (namesForwardChain(config, family)) return chain.name == forwardChainOf(config, family);
    if (!chain.forwardPriority) return false;
    return mayDrop(chain, family) ||
           (config.insertForwardRules == InsertForwardRules::Yes && isFilter(chain));
}

bool holdsOpening(const NftChain& chain) {
    return std::any_of(chain.rules.begin(), chain.rules.end(),
                       [](const NftRule& rule) { return rule.opening || rule.xtOpening; });
}

}  // namespace

const std::string& forwardChainOf(const FirewallConfig& config, const Family& family) {
    return family.translates ? config.forwardChain : config.forwardChain6;
}

bool namesForwardChain(const FirewallConfig& config, const Family& family) {
    return forwardChainOf(config, family) != kForward;
}

ForwardPlan planForward(const std::vector<NftChain>& chains, const FirewallConfig& config,
                        const Family& family) {
    ForwardPlan plan;
    for (const NftChain& chain : chains) {
        if (wants(chain, config, family)) plan.open.push_back(chain);
        if (holdsOpening(chain)) plan.holdingOpenings.push_back(chain);
        // A chain of the user's own may hang anywhere on the hook.
        if (chain.forwardPriority &&
            (wants(chain, config, family) || namesForwardChain(config, family)))
            plan.markPriority = std::min(plan.markPriority, *chain.forwardPriority - kAhead);
    }
    return plan;
}

std::string openScript(const NftChain& chain, const FirewallConfig& config, const Family& family) {
    return fmt::format(
        "{} rule {} {}meta mark & {:#010x} == {:#010x} {}counter accept comment \"{}\"\n",
        config.forwardRulesAppend ? "add" : "insert", toString(chain),
        !family.translates && chain.family == "inet" ? "meta nfproto ipv6 " : "", config.markBits,
        config.markBits, family.translates ? "ct status dnat " : "", family.tag);
}

std::string closeScript(const NftChain& chain) {
    std::string script;
    for (const NftRule& rule : chain.rules)
        if (rule.opening)
            script += fmt::format("delete rule {} handle {}\n", toString(chain), rule.handle);
    return script;
}

}  // namespace igd::firewall
