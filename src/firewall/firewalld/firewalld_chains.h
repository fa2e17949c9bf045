// SPDX-License-Identifier: GPL-2.0-or-later
// The chains of a firewalld that has its table for itself alone (`flags owner`, since 2.2). Pure.
#pragma once

#include "upnpd/inspect/openings.h"

namespace igd::firewall {

/// Returns whether a rule of our policy would let the packets pass that stop at `place`. firewalld
/// asks policies of priority 32767 last, right before it rejects; mappings of IPv4 that are stopped
/// (StrictForwardPorts) need a forward-port of its own.
[[nodiscard]] bool opensByPolicy(const inspect::Ruleset& rules, const inspect::Place& place,
                                 bool ipv6);

/// Takes the places of that kind out of `plan.closed`, and puts openings in their stead: a policy's
/// rule has the effect of one. Returns whether there are any.
[[nodiscard]] bool openByPolicy(const inspect::Ruleset& rules, inspect::Plan& plan, bool ipv6);

/// Returns whether our policy has rules.
[[nodiscard]] bool hasPolicyRules(const inspect::Ruleset& rules);

/// Makes the chains of our policy our own for the judge: a forward-port there is no
/// administrator's.
void ownPolicyChains(inspect::Ruleset& rules);

}  // namespace igd::firewall
