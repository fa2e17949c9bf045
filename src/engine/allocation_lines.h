// SPDX-License-Identifier: GPL-2.0-or-later
// Lines for a provider who has to say later which host had an external port at some time
// (log_allocations). A set of ports is one line. Remotes and clients' texts are not among them.
//
//   allocation begins: udp 80.1.2.3:3074 for 192.168.1.10:3074, host 02:00:00:00:00:0a, by pcp
//   allocation ends: udp 80.1.2.3:3074 for 192.168.1.10:3074, host 02:00:00:00:00:0a, by pcp, since
//   2026-01-31T10:00:00Z, expired
#pragma once

#include "upnpd/portmap/observer.h"
#include "upnpd/util/log.h"
#include "upnpd/util/time.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace igd {

struct AllocationLine {
    std::string text;
    log::Subject subject;
};

/// Returns the lines for `event`: none for a renewal and for what translates nothing; an end and a
/// beginning when the port leads to another host or another port now. `external` is the address of
/// mappings; nullopt: there is none. `now` and `wall` are the same moment.
[[nodiscard]] std::vector<AllocationLine> allocationLines(
    const OpeningEvent& event, std::optional<Ipv4Address> external, TimePoint now,
    std::chrono::system_clock::time_point wall);

}  // namespace igd
