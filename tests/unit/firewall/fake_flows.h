// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's list of flows as a test wishes it to be.
#pragma once

#include "conntrack/flow_table.h"

#include <map>

namespace igd::test {

class FakeFlows final : public firewall::FlowTable {
public:
    std::map<FlowKey, OutgoingFlow> flows;
    Port taken{};  ///< another flow has that external port

    std::optional<OutgoingFlow> find(const FlowKey& key) override {
        const auto found = flows.find(key);
        return found == flows.end() ? std::nullopt : std::optional{found->second};
    }
    Result<void> create(const FlowKey& key, const OutgoingFlow& made) override {
        if (made.external.port == taken || !flows.emplace(key, made).second)
            return fail(MappingError::Conflict);
        return {};
    }
    Result<void> keep(const FlowKey& key, Seconds timeout) override {
        flows.at(key).timeout = timeout;
        return {};
    }
    Result<void> end(const FlowKey& key) override {
        if (flows.erase(key) == 0) return fail(MappingError::NotFound);
        return {};
    }
};

}  // namespace igd::test
