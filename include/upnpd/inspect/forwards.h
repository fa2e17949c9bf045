// SPDX-License-Identifier: GPL-2.0-or-later
// The external ports that the rules of a host lead to another host or port. Pure.
#pragma once

#include "upnpd/inspect/judge.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::inspect {

/// Ports that one rule leads elsewhere.
struct Forward {
    Protocol protocol{};
    PortRange ports;
    std::string rule;  ///< "ip nat PREROUTING rule 3: -A PREROUTING -p tcp ..."
    bool operator==(const Forward&) const = default;
};

/// Returns the chains of `rules` that translate what comes in, and those that they may call.
[[nodiscard]] Ruleset natOf(const Ruleset& rules);

/// Returns the ports whose packets the nat chains of `rules` certainly lead elsewhere: new packets
/// of any Internet host that come in by `external` to one of `addresses` (none: to an address that
/// no rule names), sorted by protocol and port. A rule that depends on the packet's source, on a
/// set whose elements are not in `rules` or on what cannot be known beforehand does not count. It
/// costs a walk through the nat chains for each number in them; nullopt: they are too long for
/// that.
[[nodiscard]] std::optional<std::vector<Forward>> forwardsOf(
    const Ruleset& rules, const InterfaceName& external, std::span<const Ipv4Address> addresses);

}  // namespace igd::inspect
