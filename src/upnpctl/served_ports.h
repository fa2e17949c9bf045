// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets by which the daemon serves a LAN: whether they are open, on every address, and
// whether somebody answers behind them.
#pragma once

#include "facts.h"

#include <chrono>

namespace igd::ctl {

/// Adds to `internal` the sockets of a running daemon that are not as they should be, by `facts`
/// which protocols it serves. One that the daemon has told of is left out.
void addUnserved(Facts::Internal& internal, const Facts& facts);

/// Sends a request for the status page and returns whether an answer has begun within `patience`.
[[nodiscard]] bool answersHttp(const IpEndpoint& server, std::chrono::milliseconds patience);

}  // namespace igd::ctl
