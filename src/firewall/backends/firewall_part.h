// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of one family in one kind of tables. A firewall has a part for IPv4 mappings and one
// for IPv6 pinholes. `ruleset` is in all of them what nftables tells of the whole host, without
// elements of sets; nullopt: the kernel has no nftables.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace igd::firewall {

using RulesetJson = std::optional<std::string>;

class FirewallPart {
public:
    virtual ~FirewallPart() = default;

    /// Carries out `delta`, all or nothing. Errors: Backend, with the reason in the log.
    virtual Result<void> apply(const RuleDelta& delta) = 0;

    /// Lays tables, chains and jumps, and makes `rules` the only ones of ours. Errors: Backend.
    virtual Result<void> replaceAll(std::span<const Rule> rules, const RulesetJson& ruleset) = 0;

    /// Takes note of how nftables' ruleset is after replaceAll().
    virtual void replaced(const RulesetJson& /*ruleset*/) {}

    /// Returns what FirewallHealth::damage() does.
    [[nodiscard]] virtual std::optional<std::string> damage(const RulesetJson& ruleset) = 0;
    [[nodiscard]] virtual SilentRules lookAtSilentRules() = 0;

    /// Returns what FirewallBackend::isBusy() does.
    [[nodiscard]] virtual bool isBusy() const { return false; }

    /// Returns the packets of the rule's flows so far. Errors: NotFound (they are not counted
    /// here), Backend.
    [[nodiscard]] virtual Result<std::uint64_t> packets(const Rule& /*rule*/) {
        return fail(MappingError::NotFound);
    }

    /// Takes note of the external interface's addresses. Errors: Backend.
    virtual Result<void> externalAddressChanged(std::span<const Ipv4Address> /*addresses*/) {
        return {};
    }

    /// Takes everything of ours out of the kernel. Errors: Backend.
    virtual Result<void> removeAll(const RulesetJson& ruleset) = 0;
};

}  // namespace igd::firewall
