// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/firewall_part.h"

#include <algorithm>

namespace igd::firewall {

bool HostView::opens(bool legacy) const {
    return std::ranges::any_of(plan.openings, [&](const inspect::Opening& one) {
        return (rules.chains[one.chain].kind == inspect::Kind::Legacy) == legacy;
    });
}

}  // namespace igd::firewall
