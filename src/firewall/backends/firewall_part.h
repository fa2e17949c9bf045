// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of one family in one kind of tables. A firewall has a part for IPv4 mappings and one
// for IPv6 pinholes.
#pragma once

#include "upnpd/inspect/openings.h"
#include "upnpd/portmap/firewall.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

/// The host's rules as one part needs them.
struct HostView {
    const inspect::Ruleset& rules;
    inspect::Plan plan;                     ///< the openings that packets of this family need
    std::vector<std::uint64_t> ownHandles;  ///< of all in our table of nftables (host_reader.h)

    [[nodiscard]] bool opens(bool legacy) const;
};

class FirewallPart {
public:
    virtual ~FirewallPart() = default;

    /// Carries out `delta`, all or nothing. Errors: Backend, with the reason in the log.
    virtual Result<void> apply(const RuleDelta& delta) = 0;

    /// Lays tables, chains and jumps, and makes `rules` the only ones of ours. Errors: Backend.
    virtual Result<void> replaceAll(std::span<const Rule> rules, const HostView& view) = 0;

    /// Takes note of how the host's rules are after replaceAll().
    virtual void replaced(const HostView& /*view*/) {}

    /// Returns what FirewallHealth::damage() does, as far as our own tables and chains go.
    [[nodiscard]] virtual std::optional<std::string> damage(const HostView& view) = 0;
    [[nodiscard]] virtual SilentRules lookAtSilentRules() const = 0;
    [[nodiscard]] virtual bool usesLegacyTables() const = 0;

    /// Returns what FirewallBackend::isBusy() does.
    [[nodiscard]] virtual bool isBusy() const { return false; }

    /// Returns the packets of the rule's flows so far. Errors: NotFound (they are not counted
    /// here), Backend.
    [[nodiscard]] virtual Result<std::uint64_t> packets(const Rule& /*rule*/) {
        return fail(MappingError::NotFound);
    }

    /// Returns what FirewallBackend::traffic() does. Errors: Backend.
    [[nodiscard]] virtual Result<std::vector<std::optional<Traffic>>> traffic(
        std::span<const Rule> rules) {
        return std::vector<std::optional<Traffic>>(rules.size());
    }

    /// Takes note of the external interface's addresses. Errors: Backend.
    virtual Result<void> externalAddressChanged(std::span<const Ipv4Address> /*addresses*/) {
        return {};
    }

    /// Takes everything of ours out of the kernel but the rules in chains of others. Errors:
    /// Backend.
    virtual Result<void> removeAll() = 0;
};

}  // namespace igd::firewall
