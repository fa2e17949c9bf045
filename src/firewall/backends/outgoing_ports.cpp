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
void put(std::vector<Rule>& lenders, const Rule& rule) {
    const auto same = find(lenders, rule);
    if (same == lenders.end())
        lenders.push_back(rule);
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

OutgoingPorts::Lenders OutgoingPorts::lendersOf(const Source& source) const {
    const auto found = lenders_.find(source);
    return found == lenders_.end() ? Lenders{} : found->second;
}

OutgoingPorts::Plan OutgoingPorts::plan(const RuleDelta& rules) const {
    std::map<Source, Lenders> after;
    const auto lendersAfter = [&](const Rule& rule) -> Lenders& {
        return after.try_emplace(sourceOf(rule), lendersOf(sourceOf(rule))).first->second;
    };
    const auto staysAt = [&](const Rule& old) {
        return std::ranges::any_of(rules.add, [&](const Rule& rule) {
            return haveOnePort(rule, old) && sourceOf(rule) == sourceOf(old);
        });
    };
    for (const Rule& rule : rules.remove) {
        Lenders& lenders = lendersAfter(rule);
        if (!staysAt(rule)) erase(lenders, rule);
    }
    for (const Rule& rule : rules.add) put(lendersAfter(rule), rule);

    Plan plan;
    for (const auto& [source, lenders] : after) {
        const Lenders before = lendersOf(source);
        const bool same = !before.empty() && !lenders.empty() &&
                          before.front() == lenders.front() && !isAmong(rules.add, lenders.front());
        if (same) continue;
        if (!before.empty()) plan.delta_.remove.push_back(before.front());
        if (!lenders.empty()) plan.delta_.add.push_back(lenders.front());
    }
    plan.gone_ = rules.remove;
    plan.come_ = rules.add;
    std::erase_if(plan.gone_, staysAt);
    return plan;
}

void OutgoingPorts::commit(const Plan& plan) {
    for (const Rule& rule : plan.gone_) {
        const auto found = lenders_.find(sourceOf(rule));
        if (found == lenders_.end()) continue;
        erase(found->second, rule);
        if (found->second.empty()) lenders_.erase(found);
    }
    for (const Rule& rule : plan.come_) put(lenders_[sourceOf(rule)], rule);
}

std::vector<Rule> OutgoingPorts::reset(std::span<const Rule> rules) {
    lenders_.clear();
    for (const Rule& rule : rules) put(lenders_[sourceOf(rule)], rule);
    std::vector<Rule> lent;
    for (const auto& [source, lenders] : lenders_) lent.push_back(lenders.front());
    return lent;
}

}  // namespace igd::firewall
