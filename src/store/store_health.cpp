// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_health.h"

#include "upnpd/util/log.h"

#include <utility>

namespace igd::store {

void StoreHealth::away(const std::string& problem) {
    log::debug("store: {}: {}", url_, problem);
    const std::string before = std::exchange(problem_, problem);
    if (!before.empty()) return;
    written_ = 0;
    if (!isSilent_)
        log::warning("store: {}: {}: openings go on, and are written there when it is back", url_,
                     problem);
}

void StoreHealth::back() {
    if (std::exchange(problem_, {}).empty() || isSilent_) return;
    log::change("store: {} is back: {} change(s) written", url_, written_);
}

void StoreHealth::bad(std::uint32_t rows) {
    if (rows == 0 || isSilent_ || std::exchange(saidBad_, true)) return;
    log::warning("store: {}: {} row(s) of upnpd:* are none of ours, and are left alone", url_,
                 rows);
}

}  // namespace igd::store
