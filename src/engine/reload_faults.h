// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration may ask this host for what it does not have. Some of that shows without trying it
// out.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/system/host_facts.h"

#include <string>
#include <vector>

namespace igd {

/// Returns a sentence for each setting of `fresh` that differs from `running` and that the host
/// does not have: a new internal interface that can be no LAN, a lease file that this process could
/// not write.
[[nodiscard]] std::vector<std::string> faultsOf(const Configuration& fresh,
                                                const Configuration& running,
                                                const HostFacts& host);

}  // namespace igd
