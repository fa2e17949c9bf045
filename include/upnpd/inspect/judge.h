// SPDX-License-Identifier: GPL-2.0-or-later
// The fate of a packet that does not exist yet: the walk through the hooks as the kernel does it,
// with "not known" where a rule cannot be judged beforehand and it matters. Pure.
#pragma once

#include "upnpd/inspect/ruleset.h"
#include "upnpd/net/interface_name.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd::inspect {

enum class Fate : std::uint8_t {
    Reaches,
    Stopped,
    Unknown,  ///< depends on a rule that cannot be judged
};

/// A packet as it was where a rule or policy stopped it.
struct StoppedPacket {
    Hook hook{};
    Packet packet;
};

struct Finding {
    Fate fate{};
    /// Stopped: the rule or policy that stops it; Unknown: the first rule that could not be judged.
    std::optional<Place> place;
    std::string reason;                      ///< where no rule stops it: "no translation"
    std::optional<IpEndpoint> translatedTo;  ///< where the packet was sent on the way
    std::optional<Place> translatedBy{};     ///< the rule of somebody else that sent it there
    /// Told by judgeWayIn(), judgeInput() and judgeMasquerade() where `place` says what stops it.
    std::optional<StoppedPacket> stopped{};
};

/// The treatment of rules whose match is not known.
enum class Doubt : std::uint8_t {
    AllWays,  ///< each way is walked; Unknown where they end differently
    Ordinary  ///< they do not apply: an ordinary packet is in no list and over no limit
};

/// Takes `packet` through one base chain and what that calls, and returns its fate there. With
/// Ordinary it is never Unknown. Rules of ours let a packet pass that is `opened`, and are not
/// there for others.
[[nodiscard]] Finding judgeChain(const Ruleset& rules, ChainId base, Packet& packet, Doubt doubt);

/// Takes `packet` through all base chains at `hook` but those of type nat, in their order, until
/// one stops it. Before routing that means also that it is not tracked, and IPv4: nobody translates
/// it then.
[[nodiscard]] Finding judgeHook(const Ruleset& rules, Hook hook, Packet& packet, Doubt doubt);

/// A network behind an internal interface.
struct Lan {
    InterfaceName interface;
    std::uint32_t index = 0;  ///< of the interface; 0: not known
    IpAddress address;        ///< one of the network: the router's, for instance
    std::uint8_t length = 0;  ///< of its prefix
};

/// A new flow from a host of the Internet to a port of the external address; for IPv6 to a host
/// behind.
struct FromOutside {
    InterfaceName external;
    std::uint32_t index = 0;  ///< of that interface; 0: not known
    Protocol protocol{};
    IpEndpoint source;
    IpEndpoint destination;
    /// The internal end of an opening that is there, or would be; nullopt: there is none.
    std::optional<IpEndpoint> opening;
};

/// Returns the internal interface by which an address is reached; nullopt: by none.
using Route = std::function<std::optional<Lan>(const IpAddress&)>;

/// Reaches: it leaves by the interface to which `route` leads the translated packet, and so do the
/// flow's other packets there and the answers back. A packet that nobody translates ends at the
/// router itself: Stopped, "no translation".
[[nodiscard]] Finding judgeWayIn(const Ruleset& rules, const FromOutside& packet,
                                 const Route& route);

/// Returns whether a rule of the nat chains of others leads the packet to another host or port.
/// Stopped: that rule does; Reaches: none does, or a nat chain drops it.
[[nodiscard]] Finding judgeLead(const Ruleset& rules, const FromOutside& packet);

/// A packet of a LAN host to the router itself; its first, of a new flow.
struct ToRouter {
    InterfaceName internal;
    std::uint32_t index = 0;
    IpEndpoint source;
    IpEndpoint destination;
    Protocol protocol{};
};
[[nodiscard]] Finding judgeInput(const Ruleset& rules, const ToRouter& packet);

/// Would a new flow of an ordinary host of `lan` to the Internet leave with another source address?
/// Reaches: yes, the external interface's (masquerade). Stopped: no, or the packet does not get so
/// far; `translatedTo` is the address that a rule names instead.
[[nodiscard]] Finding judgeMasquerade(const Ruleset& rules, const Lan& lan,
                                      const InterfaceName& external);

}  // namespace igd::inspect
