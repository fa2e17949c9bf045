// SPDX-License-Identifier: GPL-2.0-or-later
// The statements of one rule in nft's JSON (libnftables-json(5), STATEMENTS) as steps.
#pragma once

#include "nft_expression.h"

#include "upnpd/inspect/ruleset.h"

#include <string>
#include <vector>

namespace igd::inspect {

/// Returns the steps of a rule in `table` ("inet filter"), whose sets are in `sets`.
[[nodiscard]] std::vector<Step> nftSteps(const Json& statements, const std::string& table,
                                         const NftSets& sets);

}  // namespace igd::inspect
