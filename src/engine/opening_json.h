// SPDX-License-Identifier: GPL-2.0-or-later
// An opening as JSON: one form for mappings, pinholes and flows of PEER.
#pragma once

#include "upnpd/portmap/opening.h"

#include <nlohmann/json.hpp>

namespace igd {

[[nodiscard]] nlohmann::json jsonOf(const Opening& opening, TimePoint now);

}  // namespace igd
