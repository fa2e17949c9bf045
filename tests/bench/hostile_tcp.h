// SPDX-License-Identifier: GPL-2.0-or-later
// This part of hostile_load works over TCP.
#pragma once

#include "hostile_udp.h"

namespace hostile {

/// So many connections, each opened again when it is closed: heads and bodies that come by the
/// byte, answers of `path` that are not read.
Totals slow(const Target& target, unsigned connections, unsigned seconds, const std::string& path);

/// One piece of nonsense a connection: no HTTP, endless heads, XML that is none.
Totals noRequests(const Target& target, unsigned seconds);

/// `count` AddPortMappings of other ports each; the statuses and the error codes are counted.
Totals add(const Target& target, const std::string& path, const std::string& own, unsigned count,
           bool keep);

}  // namespace hostile
