// SPDX-License-Identifier: GPL-2.0-or-later
// How often the kernel is asked to look for a host: so many times in any second for all hosts
// together, and once for each as long as it has not been found. Whoever forges senders cannot make
// the router send more than that. Pure.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <deque>

namespace igd {

class LookLimit {
public:
    static constexpr std::size_t kPerSecond = 64;

    /// Counts a look for `host` on the interface with that index; false: one too many. `now` must
    /// not go backwards.
    [[nodiscard]] bool admits(int interface, const IpAddress& host, TimePoint now);
    /// It was found: should it be forgotten now, it may be looked for again.
    void found(int interface, const IpAddress& host);

private:
    struct Look {
        TimePoint at;
        int interface;
        IpAddress host;
        bool answered = false;
    };
    [[nodiscard]] std::deque<Look>::iterator unanswered(int interface, const IpAddress& host);

    std::deque<Look> looks_;  ///< of the last second
};

}  // namespace igd
