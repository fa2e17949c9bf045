// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that a mapping of PCP over IPv6 is in the kernel: one, or one for each filter.
#pragma once

#include "upnpd/portmap/pinhole.h"

namespace igd {

/// The kernel ends a rule this much later than the table does.
constexpr Seconds kKernelGrace{2};

[[nodiscard]] std::vector<PinholeRule> rulesFor(const Ipv6Mapping& mapping, TimePoint now);

}  // namespace igd
