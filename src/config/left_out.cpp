// SPDX-License-Identifier: GPL-2.0-or-later
#include "left_out.h"

#include <fmt/format.h>

#include <array>
#include <variant>

namespace igd {
namespace {

struct Need {
    std::string_view key;
    BuildPart part;
    bool (*needs)(const Settings& settings);
    std::string_view instead;         ///< a value that the key can have then
    std::string_view defaultValue{};  ///< without the part; empty: it is the usual one
};

constexpr std::array kNeeds{
    Need{"firewall_backend", BuildPart::Nftables,
         [](const Settings& s) { return s.firewallBackend == BackendChoice::Nftables; },
         "iptables"},
    Need{"firewall_backend", BuildPart::Iptables,
         [](const Settings& s) { return s.firewallBackend == BackendChoice::Iptables; },
         "nftables"},
    Need{"open_nat", BuildPart::Nftables,
         [](const Settings& s) { return !s.policy.openNat.empty(); }, "none"},
    Need{"port_control", BuildPart::Pcp, [](const Settings& s) { return s.natPmp || s.pcp; },
         "none", "none"},
    Need{"ipv6_pinholes", BuildPart::Ipv6, [](const Settings& s) { return s.pinholes; }, "no",
         "no"},
    Need{"metrics_listen", BuildPart::Ipv6,
         [](const Settings& s) {
             return s.metricsListen &&
                    std::holds_alternative<Ipv6Address>(s.metricsListen->address);
         },
         "an IPv4 address"},
    Need{"lease_store", BuildPart::Redis,
         [](const Settings& s) { return s.leaseStore.has_value(); }, "none"},
    Need{"require_seccomp", BuildPart::Seccomp, [](const Settings& s) { return s.requireSeccomp; },
         "no"},
};

}  // namespace

std::optional<std::string> lacks(std::string_view key, const Settings& settings,
                                 const std::function<bool(BuildPart)>& isThere) {
    for (const Need& each : kNeeds)
        if (each.key == key && !isThere(each.part) && each.needs(settings))
            return fmt::format("{}: leave it out, or take {}", builtWithout(each.part),
                               each.instead);
    return std::nullopt;
}

std::string_view defaultHere(std::string_view key, std::string_view usual,
                             const std::function<bool(BuildPart)>& isThere) {
    for (const Need& each : kNeeds)
        if (each.key == key && !isThere(each.part) && !each.defaultValue.empty())
            return each.defaultValue;
    return usual;
}

}  // namespace igd
