// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/outgoing_ports.h"

#include <algorithm>

namespace igd::firewall {
namespace {

bool haveOnePort(const Rule& a, const Rule& b) {
    return a.protocol == b.protocol && a.externalPort == b.externalPort;
}

bool isAmong(const std::vector<Rule>& rules, const Rule& rule) {
    return std::ranges::any_of(rules, [&](const Rule& r) { return haveOnePort(r, rule); });
}

}  // namespace

OutgoingPorts::Source OutgoingPorts::sourceOf(const Rule& rule) {
    return {rule.internal, rule.protocol, rule.remote};
}

OutgoingPorts::Holder OutgoingPorts::holderOf(const Rule& rule) {
    Holder holder{rule.externalPort, std::nullopt};
    if (rule.timeout) holder.timeout = static_cast<std::uint32_t>(rule.timeout->count());
    return holder;
}

Rule OutgoingPorts::ruleOf(const Source& source, const Holder& holder) {
    Rule rule;
    rule.protocol = source.protocol;
    rule.externalPort = holder.externalPort;
    rule.internal = source.internal;
    rule.remote = source.remote;
    if (holder.timeout) rule.timeout = Seconds{*holder.timeout};
    return rule;
}

/// A rule with the same external port keeps its place, so that a renewal does not move the port.
void OutgoingPorts::put(Holders& holders, const Rule& rule) {
    const auto same = std::ranges::find(holders, rule.externalPort, &Holder::externalPort);
    if (same == holders.end())
        holders.push_back(holderOf(rule));
    else
        *same = holderOf(rule);
}

OutgoingPorts::Holders OutgoingPorts::holdersOf(const Source& source) const {
    Holders holders;
    const auto [first, last] = holders_.equal_range(source);
    for (auto each = first; each != last; ++each) holders.push_back(each->second);
    return holders;
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
        if (staysAt(rule)) continue;
        std::erase_if(holders,
                      [&](const Holder& old) { return old.externalPort == rule.externalPort; });
    }
    for (const Rule& rule : rules.add) put(holdersAfter(rule), rule);

    Plan plan;
    for (const auto& [source, holders] : after) {
        const Holders before = holdersOf(source);
        const bool same = !before.empty() && !holders.empty() &&
                          before.front() == holders.front() &&
                          !isAmong(rules.add, ruleOf(source, holders.front()));
        if (same) continue;
        if (!before.empty()) plan.delta_.remove.push_back(ruleOf(source, before.front()));
        if (!holders.empty()) plan.delta_.add.push_back(ruleOf(source, holders.front()));
    }
    plan.removed_ = rules.remove;
    plan.added_ = rules.add;
    std::erase_if(plan.removed_, staysAt);
    return plan;
}

OutgoingPorts::HoldersBySource::iterator OutgoingPorts::placeOf(const Rule& rule) {
    const auto [first, last] = holders_.equal_range(sourceOf(rule));
    const auto found = std::find_if(first, last, [&](const auto& entry) {
        return entry.second.externalPort == rule.externalPort;
    });
    return found == last ? holders_.end() : found;
}

void OutgoingPorts::put(const Rule& rule) {
    const auto same = placeOf(rule);
    if (same == holders_.end())
        holders_.emplace(sourceOf(rule), holderOf(rule));  // behind the others of its source
    else
        same->second = holderOf(rule);
}

void OutgoingPorts::commit(const Plan& plan) {
    for (const Rule& rule : plan.removed_)
        if (const auto gone = placeOf(rule); gone != holders_.end()) holders_.erase(gone);
    for (const Rule& rule : plan.added_) put(rule);
}

std::vector<Rule> OutgoingPorts::reset(std::span<const Rule> rules) {
    holders_.clear();
    for (const Rule& rule : rules) put(rule);
    std::vector<Rule> first;
    for (auto each = holders_.begin(); each != holders_.end();
         each = holders_.upper_bound(each->first))
        first.push_back(ruleOf(each->first, each->second));
    return first;
}

}  // namespace igd::firewall
