// SPDX-License-Identifier: GPL-2.0-or-later
// The fate of a packet that does not exist yet: the walk through the hooks as the kernel does it,
// with "not known" where a rule cannot be judged beforehand and it matters. Pure.
#pragma once

#include "upnpd/inspect/ruleset.h"
#include "upnpd/net/interface_name.h"

#include <optional>
#include <string>
#include <vector>

namespace igd::inspect {

enum class Fate : std::uint8_t {
    Reaches,
    Stopped,
    Unknown,  ///< depends on a rule that cannot be judged
};

struct Finding {
    Fate fate{};
    /// Stopped: the rule or policy that stops it; Unknown: the first rule that could not be judged.
    /// Looks like "ip filter FORWARD rule 7", "inet filter forward policy".
    std::string where;
    std::string text;                      ///< that rule; empty for a policy
    std::optional<Endpoint> translatedTo;  ///< where the packet was sent on the way
};

struct Lan {
    InterfaceName interface;
    Ipv4Prefix prefix;
};

/// A new flow from a host of the Internet to a port of the external address.
struct FromOutside {
    InterfaceName external;
    Ipv4Address externalAddress;
    Endpoint source;
    Protocol protocol{};
    Port port;
    /// Where a mapping that does not exist yet would lead; it is assumed that the daemon lays its
    /// rules for it.
    std::optional<Endpoint> assumed;
};

/// Reaches: it leaves towards the host in one of `lans` that it was translated to. A packet that
/// nobody translates ends at the router itself: Stopped, "no translation".
[[nodiscard]] Finding judgeWayIn(const Ruleset& rules, const FromOutside& packet,
                                 const std::vector<Lan>& lans);

/// Returns whether a rule of the nat chains leads the packet to another host or port. Stopped: that
/// rule does; Reaches: none does, or a nat chain drops it.
[[nodiscard]] Finding judgeLead(const Ruleset& rules, const FromOutside& packet);

/// A packet of a LAN host to the router itself; its first, of a new flow.
struct ToRouter {
    InterfaceName internal;
    Endpoint source;
    Endpoint destination;
    Protocol protocol{};
};
[[nodiscard]] Finding judgeInput(const Ruleset& rules, const ToRouter& packet);

/// Would a new flow of a LAN host to the Internet leave with another source address? Reaches: yes.
/// Stopped: no, or the packet does not get so far.
[[nodiscard]] Finding judgeMasquerade(const Ruleset& rules, const Lan& lan,
                                      const InterfaceName& external);

}  // namespace igd::inspect
