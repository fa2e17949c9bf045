// SPDX-License-Identifier: GPL-2.0-or-later
// The seam between the core and the kernel's packet filter: two implementations ship (nftables,
// iptables), tests use a fake.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall_health.h"
#include "upnpd/portmap/mapping.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// What the kernel has to do for one enabled mapping.
struct Rule {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
    Endpoint internal;
    std::optional<Seconds>
        timeout;          ///< the kernel may end the rule itself after that; nullopt: no end
    std::string comment;  ///< the client's description, clean UTF-8
    /// Remote peers of IPv4 that are let in; empty: any, or `remoteHost`.
    std::vector<PeerFilter> filters{};
    bool operator==(const Rule&) const = default;
};

/// A change of some rules. A rule that is replaced stands in both lists with the same key.
struct RuleDelta {
    std::vector<Rule> remove;
    std::vector<Rule> add;
    [[nodiscard]] bool empty() const { return remove.empty() && add.empty(); }
};

class FirewallBackend : public FirewallHealth {
public:
    /// All or nothing, and no packet finds a moment between the old rule and the new one. On
    /// failure the kernel is as it was, and the reason is in the log. Errors: Backend.
    virtual Result<void> apply(const RuleDelta& delta) = 0;

    /// Lays whatever the rules need (tables, chains, jumps) and makes `rules` the only ones of
    /// ours; what a killed daemon left is gone afterwards. Errors: Backend.
    virtual Result<void> replaceAll(std::span<const Rule> rules) = 0;

    /// The external interface has that address now, and clients are told that other one, each of
    /// them once; or there is none. LAN hosts reach mapped ports there (hairpin). Before the first
    /// replaceAll() it is only taken note of. Errors: Backend.
    virtual Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) = 0;

    /// Hairpin is for these from the next replaceAll() on.
    virtual void internalInterfacesChanged(std::vector<InterfaceName> internal) = 0;

    /// Takes everything of ours out of the kernel, and nothing else. Errors: Backend.
    virtual Result<void> removeAll() = 0;

    /// "nftables", "iptables"
    [[nodiscard]] virtual std::string_view name() const = 0;
};

}  // namespace igd
