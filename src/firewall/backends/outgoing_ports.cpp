// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/outgoing_ports.h"

#include <algorithm>
#include <utility>

namespace igd::firewall {
namespace {

std::pair<Protocol, Port> portOf(const Rule& rule) {
    return {rule.protocol, rule.externalPort};
}

bool haveOnePort(const Rule& a, const Rule& b) {
    return portOf(a) == portOf(b);
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

}  // namespace

OutgoingPorts::Source OutgoingPorts::sourceOf(const Rule& rule) {
    return {rule.internal, rule.protocol};
}

OutgoingPorts::Holders OutgoingPorts::holdersOf(const Source& source) const {
    const auto found = holders_.find(source);
    return found == holders_.end() ? Holders{} : found->second;
}

RuleDelta OutgoingPorts::apply(const RuleDelta& rules) {
    std::map<Source, Holders> before;
    const auto holders = [&](const Rule& rule) -> Holders& {
        before.try_emplace(sourceOf(rule), holdersOf(sourceOf(rule)));
        return holders_[sourceOf(rule)];
    };
    std::map<std::pair<Protocol, Port>, const Rule*> added;
    for (const Rule& rule : rules.add) added[portOf(rule)] = &rule;
    const auto staysAt = [&](const Rule& old) {
        const auto found = added.find(portOf(old));
        return found != added.end() && sourceOf(*found->second) == sourceOf(old);
    };
    for (const Rule& rule : rules.remove)
        if (Holders& now = holders(rule); !staysAt(rule)) erase(now, rule);
    for (const Rule& rule : rules.add) put(holders(rule), rule);

    RuleDelta delta;
    for (const auto& [source, old] : before) {
        const Holders& now = holders_[source];
        const bool same = !old.empty() && !now.empty() && old.front() == now.front() &&
                          !added.contains(portOf(now.front()));
        if (!same && !old.empty()) delta.remove.push_back(old.front());
        if (!same && !now.empty()) delta.add.push_back(now.front());
        if (now.empty()) holders_.erase(source);
    }
    return delta;
}

std::vector<Rule> OutgoingPorts::reset(std::span<const Rule> rules) {
    holders_.clear();
    for (const Rule& rule : rules) put(holders_[sourceOf(rule)], rule);
    std::vector<Rule> first;
    for (const auto& [source, holders] : holders_) first.push_back(holders.front());
    return first;
}

}  // namespace igd::firewall
