// SPDX-License-Identifier: GPL-2.0-or-later
// The external ports that the rules of a host lead to another host or port. Pure.
#pragma once

#include "upnpd/inspect/ruleset.h"
#include "upnpd/net/interface_name.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace igd::inspect {

/// Ports that one rule leads elsewhere.
struct Forward {
    Protocol protocol{};
    PortRange ports;
    Place rule;
    bool operator==(const Forward&) const = default;
};

/// Returns the ports whose packets the nat chains of others in `rules` lead elsewhere: new packets
/// of an ordinary Internet host that come in by `external`, interface `index` (0: not known), to
/// one of `addresses` (none: to an address that no rule names); sorted by protocol and port. A rule
/// counts for nothing that depends on a set whose elements are not in `rules`, on a list of sources
/// or on what cannot be known beforehand. nullopt: the chains call one another so often that it
/// would take too long.
[[nodiscard]] std::optional<std::vector<Forward>> forwardsOf(
    const Ruleset& rules, const InterfaceName& external, std::uint32_t index,
    std::span<const Ipv4Address> addresses);

}  // namespace igd::inspect
