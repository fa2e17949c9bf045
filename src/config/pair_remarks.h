// SPDX-License-Identifier: GPL-2.0-or-later
// These are the remarks on a configuration whose router is one of a pair.
#pragma once

#include "upnpd/config/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct PairRemark {
    std::string_view key;  ///< whose line it is about
    Severity severity{};
    std::string text;
};

/// Returns what is missing, and what has no use. `hasStore`: the file names a store of leases.
[[nodiscard]] std::vector<PairRemark> remarksOnPair(const Settings& settings, bool hasStore);

}  // namespace igd
