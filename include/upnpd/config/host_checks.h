// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration beside the host that it is for.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/system/host_facts.h"

#include <string>
#include <string_view>

namespace igd {

/// Finds the interfaces of `parsed.networks`. Those whose network no interface has stay there, with
/// a warning.
void findInterfaces(const HostFacts& host, ParsedConfiguration& parsed);

/// Adds what the host says of the interfaces: one that is not there yet, a port of a bridge, lo,
/// two sides that are mixed up.
void checkAgainst(const HostFacts& host, ParsedConfiguration& parsed);

/// Returns "wan0 (up, public 80.1.2.3) -> lan0, lan1 (no such interface yet), ve-* (as they come)".
[[nodiscard]] std::string summary(const Configuration& configuration, const HostFacts& host);

}  // namespace igd
