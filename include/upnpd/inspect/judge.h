// SPDX-License-Identifier: GPL-2.0-or-later
// The judge says what becomes of a packet that does not exist yet. It walks through the hooks as
// the kernel does, and answers "unknown" where a rule cannot be judged beforehand and it matters.
// It is pure.
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
    /// Stopped: the rule or policy that stops it. Unknown: the first rule that could not be judged.
    /// Examples: "ip filter FORWARD rule 7", "inet filter forward policy".
    std::string where;
    std::string text;                      ///< that rule; empty for a policy
    std::optional<Endpoint> translatedTo;  ///< where the packet was sent on the way
};

struct Lan {
    InterfaceName interface;
    Ipv4Prefix prefix;
};

/// A new flow from a remote on the Internet to a port of the external address.
struct FromOutside {
    InterfaceName external;
    Ipv4Address externalAddress;
    Endpoint source;
    Protocol protocol{};
    Port port;
    /// The end to which a mapping would lead that does not exist yet. The judge then assumes that
    /// the daemon lays its rules for it.
    std::optional<Endpoint> assumed;
};

/// Returns whether the packet reaches a client. Reaches: it leaves towards the host in one of
/// `lans` to which it was translated. A packet that nobody translates ends at the router itself:
/// Stopped, "no translation".
[[nodiscard]] Finding judgeWayIn(const Ruleset& rules, const FromOutside& packet,
                                 const std::vector<Lan>& lans);

/// Returns whether a rule of the nat chains leads the packet to another host or port. Stopped: that
/// rule does; Reaches: none does, or a nat chain drops it.
[[nodiscard]] Finding judgeLead(const Ruleset& rules, const FromOutside& packet);

/// The first packet of a flow from a LAN host to the router itself.
struct ToRouter {
    InterfaceName internal;
    Endpoint source;
    Endpoint destination;
    Protocol protocol{};
};
[[nodiscard]] Finding judgeInput(const Ruleset& rules, const ToRouter& packet);

/// Returns whether a new flow of a LAN host to the Internet would leave with another source
/// address. Reaches: it would. Stopped: it would not, or the packet does not get so far.
[[nodiscard]] Finding judgeMasquerade(const Ruleset& rules, const Lan& lan,
                                      const InterfaceName& external);

}  // namespace igd::inspect
