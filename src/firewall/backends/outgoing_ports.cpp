// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/outgoing_ports.h"

#include <algorithm>

namespace igd::firewall {
namespace {

bool haveOnePort(const Rule& a, const Rule& b) {
    return a.protocol == b.protocol && a.externalPort == b.externalPort;
}

auto find(auto& rules, const Rule& rule) {
    return std::ranges::find_if(rules, [&](const Rule& r) { return haveOnePort(r, rule); });
}

void erase(std::vector<Rule>& rules, const Rule& rule) {
    std::erase_if(rules, [&](const Rule& old) { return haveOnePort(old, rule); });
}

/// A rule with the same external port keeps its place, so that a renewal does not move the port.
void put(std::vector<Rule>& holders, const Rule& rule) {
    const auto same = find(holders, rule);
    if (same == holders.end())
        holders.push_back(rule);
    else
        *same = rule;
}

bool isAmong(const std::vector<Rule>& rules, const Rule& rule) {
    return find(rules, rule) != rules.end();
}

}  // namespace

OutgoingPorts::Source OutgoingPorts::sourceOf(const Rule& rule) {
    return {rule.internal, rule.protocol, rule.remote};
}

OutgoingPorts::Holders OutgoingPorts::holdersOf(const Source& source) const {
    const auto found = holders_.find(source);
    return found == holders_.end() ? Holders{} : found->second;
}

OutgoingPorts::Plan OutgoingPorts::plan(const RuleDelta& rules) const {
    std::map<Source, Holders> after;
    const auto holdersAfter = [&](const Rule& rule) -> Holders& {
        return after.try_emplace(sourceOf(rule), holdersOf(sourceOf(rule))).first->second;
    };
    const auto staysAt = [&](const Rule& old) {
        return std::ranges::any_of(rules.add, [&](const Rule& rule) {
            return haveOnePort(rule, old) && sourceOf(rule) == sourceOf(old);
        });
    };
    for (const Rule& rule : rules.remove) {
        Holders& holders = holdersAfter(rule);
        if (!staysAt(rule)) erase(holders, rule);
    }
    for (const Rule& rule : rules.add) put(holdersAfter(rule), rule);

    Plan plan;
    for (const auto& [source, holders] : after) {
        const Holders before = holdersOf(source);
        const bool same = !before.empty() && !holders.empty() &&
                          before.front() == holders.front() && !isAmong(rules.add, holders.front());
        if (same) continue;
        if (!before.empty()) plan.delta_.remove.push_back(before.front());
        if (!holders.empty()) plan.delta_.add.push_back(holders.front());
    }
    plan.removed_ = rules.remove;
    plan.added_ = rules.add;
    std::erase_if(plan.removed_, staysAt);
    return plan;
}

void OutgoingPorts::commit(const Plan& plan) {
    for (const Rule& rule : plan.removed_) {
        const auto found = holders_.find(sourceOf(rule));
        if (found == holders_.end()) continue;
        erase(found->second, rule);
        if (found->second.empty()) holders_.erase(found);
    }
    for (const Rule& rule : plan.added_) put(holders_[sourceOf(rule)], rule);
}

std::vector<Rule> OutgoingPorts::reset(std::span<const Rule> rules) {
    holders_.clear();
    for (const Rule& rule : rules) put(holders_[sourceOf(rule)], rule);
    std::vector<Rule> first;
    for (const auto& [source, holders] : holders_) first.push_back(holders.front());
    return first;
}

}  // namespace igd::firewall
