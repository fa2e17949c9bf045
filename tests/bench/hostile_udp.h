// SPDX-License-Identifier: GPL-2.0-or-later
// This part of hostile_load sends over UDP, and declares what all parts need.
#pragma once

#include "command_line.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <netinet/in.h>

namespace hostile {

using Clock = std::chrono::steady_clock;
using Totals = std::map<std::string, double>;

struct Target {
    sockaddr_in address{};
    std::string host;  ///< "192.168.1.1:49152"
};

Target targetOf(const std::string& address, const std::string& port);

/// `count` searches for one target; counts the answers, until none comes for half a second.
Totals search(const Target& target, unsigned count);
/// SSDP, NAT-PMP and PCP that is broken in different ways.
Totals datagrams(const Target& target, unsigned seconds);

}  // namespace hostile
