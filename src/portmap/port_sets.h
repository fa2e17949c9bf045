// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of ports (RFC 7753): where in the external ports one finds room, and how large it may be.
#pragma once

#include "rule_set.h"

#include <cstdint>
#include <optional>
#include <span>

namespace igd {

struct PortSet {
    Port external;
    std::uint16_t count = 1;
};

/// Returns the ports in a row for `asked`, `asked.portCount` of them, that begin nearest to
/// `asked.externalPort` among those that `permitted` holds; the longest row where there are fewer;
/// nullopt: no port is left. With `parity` the first is even as `asked.internalPort` is, or odd.
[[nodiscard]] std::optional<PortSet> nearestFreeSet(const Bench& bench, const Asked& asked,
                                                    std::span<const PortRange> permitted,
                                                    bool parity);

/// Returns how many ports of `asked` from its first one on are free and in `permitted`.
[[nodiscard]] std::uint16_t freeFrom(const Bench& bench, const Asked& asked,
                                     std::span<const PortRange> permitted);

/// Returns how many ports of `asked` from its first one on the lines, and the administrator's
/// firewall, let through.
[[nodiscard]] std::uint16_t permittedFrom(const Bench& bench, const Asked& asked);

}  // namespace igd
