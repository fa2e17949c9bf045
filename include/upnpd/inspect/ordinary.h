// SPDX-License-Identifier: GPL-2.0-or-later
// Rules name single hosts and ports: a block list, a friend, a camera, the port of mail. An
// ordinary packet is none of these, so that what becomes of it becomes of most. Pure.
#pragma once

#include "upnpd/inspect/judge.h"

namespace igd::inspect {

/// Returns an address of the Internet that no rule is about: of several that are as good as any the
/// first that no rule names, or the one that fewest name.
[[nodiscard]] IpAddress ordinaryHost(const Ruleset& rules, bool ipv6);

/// Returns a host of `lan` about which no rule is in particular.
[[nodiscard]] IpAddress ordinaryClient(const Ruleset& rules, const Lan& lan);

/// Returns a port above 1023 about which no rule is in particular.
[[nodiscard]] Port ordinaryPort(const Ruleset& rules);

}  // namespace igd::inspect
