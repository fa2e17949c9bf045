// SPDX-License-Identifier: GPL-2.0-or-later
// A port mapper over a kernel that can refuse, with what it told its observer.
#pragma once

#include "samples.h"

#include "upnpd/portmap/port_mapper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace igd {

/// A kernel that can refuse.
class FakeFirewall final : public FirewallBackend {
public:
    Result<void> apply(const RuleDelta& delta) override {
        if (broken || damaged) return fail(MappingError::Backend);
        if (std::ranges::any_of(delta.add, [&](const Rule& rule) { return rule.key == refused; }))
            return fail(MappingError::Backend);
        for (const Rule& rule : delta.remove) EXPECT_EQ(rules.erase(rule.key), 1U);
        for (const Rule& rule : delta.add) rules.insert_or_assign(rule.key, rule);
        ++changes;
        return {};
    }
    Result<void> replaceAll(std::span<const Rule> all) override {
        if (broken) return fail(MappingError::Backend);
        damaged = false;
        ++replacements;
        rules.clear();
        for (const Rule& rule : all) rules.insert_or_assign(rule.key, rule);
        return {};
    }
    Result<void> removeAll() override {
        rules.clear();
        return {};
    }
    [[nodiscard]] std::optional<std::string> damage() override {
        return damaged ? std::optional<std::string>{"gone"} : std::nullopt;
    }
    [[nodiscard]] bool looksTouched() override { return false; }
    Result<void> externalAddressChanged(std::span<const Ipv4Address>) override { return {}; }
    void internalInterfacesChanged(std::vector<InterfaceName>) override {}
    [[nodiscard]] std::string_view name() const override { return "fake"; }

    std::map<MappingKey, Rule> rules;
    bool broken = false;
    bool damaged = false;  ///< somebody took the rules out: no change is taken before replaceAll()
    int replacements = 0;
    std::optional<MappingKey> refused;  ///< the kernel takes no change with that rule
    int changes = 0;
};

struct Record final : MappingObserver {
    void mappingStored(const Mapping& mapping) override { stored.push_back(mapping.key); }
    void mappingEnded(const Mapping& mapping) override { ended.push_back(mapping.key); }
    std::vector<MappingKey> stored;
    std::vector<MappingKey> ended;
};

class PortMapperTest : public testing::Test {
protected:
    FakeFirewall firewall;
    Record record;
    std::optional<MappingKey> routersOwn;
    std::optional<Seconds> defaultLease;
    PortMapper mapper{
        Policy{{}},
        {firewall, record, [this](const MappingKey& key) { return routersOwn == key; },
         [this] { return defaultLease; }}};

    Result<void> ask(const MappingRequest& request, TimePoint now = t0) {
        return mapper.request(request, kLan, now);
    }
    Result<void> release(MappingKey key, Ipv4Address requester) {
        return mapper.release({key, std::nullopt, requester}, kLan, t0);
    }
    static MappingError errorOf(const Result<void>& result) { return result.error(); }
};

}  // namespace igd
