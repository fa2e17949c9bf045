// SPDX-License-Identifier: GPL-2.0-or-later
// One look at the engine for the page. Values only.
#pragma once

#include "upnpd/portmap/opening_row.h"

namespace igd::upnp {

struct PageFacts {
    IpAddress requester;  ///< who looks
    Overview overview{};
    std::vector<OpeningRow> rows{};  ///< the first of them
    std::uint32_t total{};           ///< so many there are
};

}  // namespace igd::upnp
