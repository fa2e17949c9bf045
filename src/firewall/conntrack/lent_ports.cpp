// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/lent_ports.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace igd::firewall {
namespace {

/// A mapping without end: the kernel counts in 32 bits of ticks.
constexpr Seconds kEndless{30L * 24 * 3600};
/// Discard (port 9) at 192.0.2.0, of a network for documents (RFC 5737).
constexpr std::uint32_t kNobody = 0xc0000200;
constexpr std::uint16_t kDiscard = 9;

FlowKey keyOf(const Rule& rule) {
    return {rule.protocol, rule.internal, {Ipv4Address{kNobody}, Port{kDiscard}}};
}

/// Each port of a set is lent by itself.
std::vector<Rule> singlePorts(std::span<const Rule> rules) {
    std::vector<Rule> ports;
    for (const Rule& rule : rules) std::ranges::move(portByPort(rule), std::back_inserter(ports));
    return ports;
}

}  // namespace

void LentPorts::apply(const RuleDelta& mappings) {
    const RuleDelta delta = ports_.apply({singlePorts(mappings.remove), singlePorts(mappings.add)});
    std::map<FlowKey, const Rule*> staying;
    for (const Rule& rule : delta.add)
        if (rule.movesPorts()) staying[keyOf(rule)] = &rule;
    for (const Rule& rule : delta.remove)
        if (!staying.contains(keyOf(rule))) takeBack(keyOf(rule));
    for (const auto& [key, rule] : staying) lend(*rule);
}

void LentPorts::replaceAll(std::span<const Rule> mappings) {
    std::map<FlowKey, Rule> wanted;
    for (const Rule& rule : ports_.reset(singlePorts(mappings)))
        if (rule.movesPorts()) wanted.emplace(keyOf(rule), rule);
    for (const auto& [key, rule] : std::map{lent_})
        if (!wanted.contains(key)) takeBack(key);
    for (const auto& [key, rule] : wanted) lend(rule);
}

void LentPorts::externalAddressIs(std::optional<Ipv4Address> address) {
    if (std::exchange(external_, address) == address) return;
    for (const auto& [key, rule] : std::map{lent_}) {
        takeBack(key);
        lend(rule);
    }
}

void LentPorts::lend(const Rule& rule) {
    const FlowKey key = keyOf(rule);
    lent_.insert_or_assign(key, rule);
    if (external_) make(key, {{*external_, rule.externalPort}, rule.timeout.value_or(kEndless)});
}

/// A failure is not worth a word: the flow table says what it has against a flow.
void LentPorts::make(const FlowKey& key, const OutgoingFlow& wanted) {
    if (flows_.create(key, wanted)) return;
    const auto there = flows_.find(key);
    if (!there) return;
    if (there->external == wanted.external) {
        static_cast<void>(flows_.keep(key, wanted.timeout));
    } else if (flows_.end(key)) {
        static_cast<void>(flows_.create(key, wanted));
    }
}

void LentPorts::takeBack(const FlowKey& key) {
    if (lent_.erase(key) != 0) static_cast<void>(flows_.end(key));
}

}  // namespace igd::firewall
