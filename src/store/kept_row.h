// SPDX-License-Identifier: GPL-2.0-or-later
// An opening as a row of the store.
#pragma once

#include "upnpd/portmap/opening.h"
#include "upnpd/store/store_messages.h"
#include "upnpd/system/lease_file.h"

namespace igd::store {

[[nodiscard]] UnixTime unixTime(WallTime time);

/// Returns whether it is kept at all: the administrator's lines of upnpd.conf are no leases.
[[nodiscard]] bool isKept(const Opening& opening);

/// Returns the row of an opening that is kept; it ends with the last claim.
[[nodiscard]] Keep rowOf(const Opening& opening, std::uint64_t first, const Now& now);

}  // namespace igd::store
