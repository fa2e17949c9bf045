// SPDX-License-Identifier: GPL-2.0-or-later
// An opening as JSON: one form for mappings, pinholes and flows of PEER.
#pragma once

#include "opening_facts.h"

#include <nlohmann/json.hpp>

namespace igd {

/// Times are seconds of Unix; null stands for what is not known, and for no end.
[[nodiscard]] nlohmann::json jsonOf(const Opening& opening, TimePoint now,
                                    const OpeningFacts& facts = {});

}  // namespace igd
