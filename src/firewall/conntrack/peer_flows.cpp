// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/peer_flows.h"

#include "upnpd/util/log.h"

#include <utility>

namespace igd::firewall {
namespace {

/// A rule without end: the kernel counts in 32 bits of ticks.
constexpr Seconds kEndless{30L * 24 * 3600};

IpAddress addressOf(const PeerFilter& remote) {
    if (const auto ipv4 = ipv4Part(remote)) return ipv4->address;
    return remote.remote.address;
}

OutgoingFlow wanted(const Rule& rule) {
    return {{*rule.flowAddress, rule.externalPort}, rule.timeout.value_or(kEndless)};
}

}  // namespace

FlowKey flowOf(const Rule& rule) {
    const PeerFilter remote = rule.remote.value_or(PeerFilter{});
    return {rule.protocol, rule.internal, {addressOf(remote), remote.port}};
}

Result<void> PeerFlows::hold(const Rule& rule, Changes& changes) {
    const FlowKey key = flowOf(rule);
    const OutgoingFlow flow = wanted(rule);
    if (const auto there = flows_.find(key)) {
        if (there->timeout >= flow.timeout) return {};
        const auto kept = flows_.keep(key, flow.timeout);
        if (kept || kept.error() != MappingError::NotFound) return kept;
    }
    const auto created = flows_.create(key, flow);
    if (!created) return created;
    changes.push_back({key, std::nullopt});
    made_.insert(key);
    return {};
}

Result<void> PeerFlows::end(const FlowKey& key, Changes& changes) {
    const auto there = flows_.find(key);
    if (there) {
        const auto ended = flows_.end(key);
        if (!ended && ended.error() != MappingError::NotFound) return ended;
        changes.push_back({key, there});
    }
    made_.erase(key);
    return {};
}

/// Last first: a flow that was made may have the external port of one that was ended.
void PeerFlows::undo(Changes changes) {
    for (; !changes.empty(); changes.pop_back()) {
        const auto& [key, before] = changes.back();
        const auto undone = before ? flows_.create(key, *before) : flows_.end(key);
        if (!undone) log::error("firewall: a flow could not be put back as it was");
        if (!before) made_.erase(key);
    }
}

Result<void> PeerFlows::apply(const RuleDelta& delta) {
    std::set<FlowKey> staying;
    for (const Rule& rule : delta.add) staying.insert(flowOf(rule));
    Changes changes;
    Result<void> result;
    for (const Rule& rule : delta.remove)
        if (result && !staying.contains(flowOf(rule))) result = end(flowOf(rule), changes);
    for (const Rule& rule : delta.add)
        if (result) result = hold(rule, changes);
    if (!result) undo(std::move(changes));
    return result;
}

void PeerFlows::replaceAll(std::span<const Rule> rules) {
    Changes ignored;
    std::set<FlowKey> staying;
    for (const Rule& rule : rules) staying.insert(flowOf(rule));
    for (const FlowKey& key : std::set{made_})
        if (!staying.contains(key) && !end(key, ignored))
            log::error("firewall: a flow outlives its rule");
    for (const Rule& rule : rules)
        if (!hold(rule, ignored))
            log::warning("firewall: a flow could not be made again: its external port is taken");
}

}  // namespace igd::firewall
