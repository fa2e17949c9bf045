// SPDX-License-Identifier: GPL-2.0-or-later
// The ports by which the host's own rules let flows leave, where they name some: those that a
// tunnel of MAP-E, or another shared address, leaves to this router.
#pragma once

#include "facts.h"

#include <optional>
#include <string_view>
#include <vector>

namespace igd::ctl {

/// Returns the ports in the text of a rule that translates sources: "masquerade to :4000-4015",
/// "snat to 80.1.2.3:4000-4015", "--to-ports 4000-4015", "--to-source 80.1.2.3:4000-4015"; nullopt:
/// it names none.
[[nodiscard]] std::optional<PortRange> sourcePortsIn(std::string_view rule);

/// Returns those of all rules of the host, in order, none touching another.
[[nodiscard]] std::vector<PortRange> sourcePorts(const Facts& facts);

}  // namespace igd::ctl
