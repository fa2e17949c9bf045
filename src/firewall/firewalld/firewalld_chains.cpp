// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/firewalld_chains.h"

#include "firewalld/firewalld_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace igd::firewall {
namespace {

constexpr std::string_view kDispatch = "filter_FORWARD_POLICIES";
constexpr std::string_view kTranslated = "filter_FORWARD_dnat";

bool isFirewallds(const inspect::Chain& chain) {
    return chain.kind == inspect::Kind::Nft && chain.family == "inet" && chain.table == "firewalld";
}

/// "filter_FWD_policy_upnpd_allow"
bool isOfPolicy(const inspect::Chain& chain) {
    static const std::array<std::string, 2> ends{fmt::format("_policy_{}", kFirewalldPolicy),
                                                 fmt::format("_policy_{}_allow", kFirewalldPolicy)};
    return isFirewallds(chain) && std::ranges::any_of(ends, [&](const std::string& end) {
               return chain.name.ends_with(end);
           });
}

/// Our accepts come right before the rule that rejects the rest.
std::uint32_t positionOf(const inspect::Ruleset& rules, const inspect::Place& place) {
    const auto all = static_cast<std::uint32_t>(rules.chains[place.chain].rules.size());
    return std::min(place.rule.value_or(all), all);  // none of them is ours
}

}  // namespace

bool opensByPolicy(const inspect::Ruleset& rules, const inspect::Place& place, bool ipv6) {
    const inspect::Chain& chain = rules.chains[place.chain];
    if (chain.writable || !isFirewallds(chain)) return false;
    return chain.name == (ipv6 ? kDispatch : kTranslated);
}

bool openByPolicy(const inspect::Ruleset& rules, inspect::Plan& plan, bool ipv6) {
    std::vector<inspect::Opening> openings;
    for (const inspect::Place& place : plan.closed)
        if (opensByPolicy(rules, place, ipv6))
            openings.push_back({.chain = place.chain, .position = positionOf(rules, place)});
    std::erase_if(plan.closed,
                  [&](const inspect::Place& place) { return opensByPolicy(rules, place, ipv6); });
    plan.openings.insert(plan.openings.end(), openings.begin(), openings.end());
    return !openings.empty();
}

bool hasPolicyRules(const inspect::Ruleset& rules) {
    return std::ranges::any_of(rules.chains, isOfPolicy);
}

void ownPolicyChains(inspect::Ruleset& rules) {
    for (inspect::Chain& chain : rules.chains)
        if (isOfPolicy(chain)) chain.own = true;
}

}  // namespace igd::firewall
