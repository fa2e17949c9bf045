// SPDX-License-Identifier: GPL-2.0-or-later
// This part of hostile_load sends from many addresses, which need not be anybody's.
#pragma once

#include "hostile_udp.h"

namespace hostile {

/// A flood: `rate` datagrams a second, or as fast as it goes when that is 0, until `count` are
/// sent.
struct Flood {
    std::string what;  ///< "search", "all" or "address": M-SEARCH, or a request of NAT-PMP
    unsigned count = 0;
    unsigned rate = 0;
};

/// Sends the flood to `address` with sources from `first` on, `sources` of them in turn, of either
/// family; nobody is there to count answers.
Totals flood(const std::string& address, const Flood& flood, const std::string& first,
             unsigned sources);

/// Asks for a page over HTTP from `sources` addresses of this host, each on new connections, as
/// fast as it goes.
Totals pages(const Target& target, unsigned seconds, const std::string& first, unsigned sources);

}  // namespace hostile
