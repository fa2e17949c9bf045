// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's looks at a call before it carries it out: is it in time, and of the front end's LAN?
#pragma once

#include "upnpd/ipc/messages.h"

#include <optional>

namespace igd::ipc {

/// Returns who asks; nullopt: the request is the front end's own.
[[nodiscard]] std::optional<IpAddress> requesterOf(const GatewayRequest& request);

/// Returns whether a front end of `lan` may bring `request`: its requester is in a network of
/// `lan`, link-local addresses of IPv6 among them, or the request is the front end's own.
[[nodiscard]] bool speaksFor(const GatewayRequest& request, const Lan& lan);

/// Returns the reply that refuses `request` for that reason: a PortRefusal to NAT-PMP and PCP, else
/// the error itself.
[[nodiscard]] GatewayReply refusalOf(const GatewayRequest& request, MappingError error);

/// Returns the refusal of `call` when its deadline has passed at `now`: its client has been refused
/// already, or is about to be. nullopt: it may be carried out.
[[nodiscard]] std::optional<GatewayReply> refusalIfLate(const Call& call, TimePoint now);

}  // namespace igd::ipc
