// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel that keeps its rules by value, can refuse, and can lose them.
#pragma once

#include "upnpd/portmap/firewall.h"
#include "upnpd/portmap/mapping.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace igd {

/// "udp 3074 -> 192.168.1.10:3074 from 80.1.2.3/32", "udp [2001:db8::10]:5000"
inline std::string textOf(const Rule& rule) {
    std::string text{lowerName(rule.protocol)};
    if (rule.externalPort != Port{0}) text += fmt::format(" {} ->", rule.externalPort.value);
    text += " " + toString(rule.internal);
    if (rule.remote) text += " from " + toString(*rule.remote);
    for (const PeerFilter& filter : rule.filters) text += " from " + toString(filter);
    return text;
}

class FakeFirewall final : public FirewallBackend {
public:
    Result<void> apply(const RuleDelta& delta) override {
        if (broken || damaged || refuses(delta)) return fail(MappingError::Backend);
        for (const Rule& rule : delta.add)
            if (rule.isFlow() && taken.contains(rule.externalPort))
                return fail(MappingError::Conflict);
        for (const Rule& rule : delta.remove) erase(rule);
        for (const Rule& rule : delta.add) insert(rule);
        ++changes;
        return {};
    }
    Result<bool> prepare(const RuleDelta& delta) override {
        const auto isPinhole = [](const Rule& rule) { return rule.isIpv6(); };
        if (!another || std::ranges::none_of(delta.add, isPinhole)) return true;
        if (*another == Another::Refuses) return fail(MappingError::Backend);
        return *another == Another::Agrees;
    }
    [[nodiscard]] bool isBusy() const override { return busy; }
    Result<void> replaceAll(std::span<const Rule> all) override {
        if (broken) return fail(MappingError::Backend);
        damaged = false;
        ++replacements;
        rules.clear();
        for (const Rule& rule : all) insert(rule);
        return {};
    }
    [[nodiscard]] std::optional<OutgoingFlow> findFlow(const FlowKey& key) override {
        const auto found = flows.find(key);
        return found == flows.end() ? std::nullopt : std::optional{found->second};
    }
    Result<std::uint64_t> packets(const Rule&) override { return std::uint64_t{3}; }
    [[nodiscard]] Result<std::vector<std::optional<Traffic>>> traffic(
        std::span<const Rule> asked) override {
        ++looksAtTraffic;
        rulesLookedAt += asked.size();
        if (broken) return fail(MappingError::Backend);
        std::vector<std::optional<Traffic>> all;
        for (const Rule& rule : asked) {
            const auto found = counted.find(textOf(rule));
            all.push_back(found == counted.end() ? std::nullopt : std::optional{found->second});
        }
        return all;
    }
    [[nodiscard]] std::optional<std::string> foreignForward(Protocol protocol, Port port) override {
        return forwarded == MappingKey{protocol, port} ? std::optional<std::string>{"dnat"}
                                                       : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> stops(Protocol, Port,
                                                   const IpEndpoint& internal) override {
        return stopped == internal ? std::optional<std::string>{"drop"} : std::nullopt;
    }
    Result<void> externalAddressChanged(std::span<const Ipv4Address>) override { return {}; }
    void sidesChanged(Sides) override {}
    void openNatChanged(std::vector<OpenNat>) override {}
    [[nodiscard]] bool servesOpenNat() const override { return true; }
    Result<void> removeAll(FlowsThen /*flows*/) override { return {}; }
    [[nodiscard]] bool readOn(std::chrono::microseconds) override { return true; }
    [[nodiscard]] bool isToLookAgain() const override { return false; }
    [[nodiscard]] std::vector<ChainRefusal> refusals() const override { return {}; }
    [[nodiscard]] std::vector<int> announcements() const override { return {}; }
    [[nodiscard]] Announced heard() override { return Announced::Nothing; }
    [[nodiscard]] std::optional<std::string> damage() override {
        return damaged ? std::optional<std::string>{"gone"} : std::nullopt;
    }
    [[nodiscard]] SilentRules lookAtSilentRules() override { return SilentRules::None; }
    void rest() override {}
    [[nodiscard]] std::string_view name() const override { return "fake"; }

    /// Returns the rules in words, sorted.
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> texts;
        for (const Rule& rule : rules) texts.push_back(textOf(rule));
        std::ranges::sort(texts);
        return texts;
    }

    std::vector<Rule> rules{};  ///< but for flows
    std::map<FlowKey, OutgoingFlow> flows{};
    bool broken = false;  ///< it takes no change
    bool busy = false;    ///< another program works on the rules
    enum class Another { Thinks, Agrees, Refuses };
    std::optional<Another> another{};  ///< a program that has to agree to each pinhole
    bool damaged = false;  ///< somebody took the rules out: no change is taken before replaceAll()
    std::set<Port> taken{};                 ///< external ports of flows of others
    std::optional<Port> refused{};          ///< it takes no change with that port in it
    std::optional<IpEndpoint> stopped{};    ///< a rule stops packets to that client's port
    std::optional<MappingKey> forwarded{};  ///< the administrator leads that one elsewhere
    int changes = 0;
    int replacements = 0;
    int looksAtTraffic = 0;
    std::size_t rulesLookedAt = 0;
    std::map<std::string, Traffic> counted;  ///< by rules as textOf() writes them

private:
    static FlowKey keyOf(const Rule& rule) {
        const PeerFilter& remote = rule.remote.value();
        return {rule.protocol, rule.internal, {normalised(remote.remote.address), remote.port}};
    }
    [[nodiscard]] bool refuses(const RuleDelta& delta) const {
        return std::ranges::any_of(delta.add, [this](const Rule& rule) {
            return refused && (rule.externalPort == *refused || rule.internal.port == *refused);
        });
    }
    void erase(const Rule& rule) {
        if (rule.isFlow()) {
            flows.erase(keyOf(rule));
            return;
        }
        const auto isIt = [&](const Rule& each) {
            return each.externalPort == rule.externalPort && differInTimeoutOnly(each, rule);
        };
        const auto found = std::ranges::find_if(rules, isIt);
        ASSERT_NE(found, rules.end()) << "no such rule: " << textOf(rule);
        *found = rules.back();
        rules.pop_back();
    }
    void insert(const Rule& rule) {
        if (rule.isFlow()) {
            flows[keyOf(rule)] = {{*rule.flowAddress, rule.externalPort}, rule.timeout.value()};
            return;
        }
        const std::string text = textOf(rule);
        for (const Rule& each : rules) {
            if (each.externalPort != rule.externalPort || each.internal != rule.internal) continue;
            EXPECT_NE(textOf(each), text) << "twice";
        }
        rules.push_back(rule);
    }
};

}  // namespace igd
