// SPDX-License-Identifier: GPL-2.0-or-later
// These are the remarks on a store of leases, and on a router that is one of a pair.
#pragma once

#include "upnpd/config/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct StoreRemark {
    std::string_view key;  ///< whose line it is about
    Severity severity{};
    std::string text;
};

/// Returns what is missing or cannot be had, and what has no use.
[[nodiscard]] std::vector<StoreRemark> remarksOnStore(const Settings& settings);

}  // namespace igd
