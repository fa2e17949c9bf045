// SPDX-License-Identifier: GPL-2.0-or-later
// How long requests take, from the arrival of the front end's call to its answer: a histogram for
// each protocol. The front end's own work, and the LAN, are not in it.
#pragma once

#include "metrics_text.h"

#include "upnpd/portmap/mapping.h"
#include "upnpd/util/time.h"

#include <array>
#include <cstdint>
#include <vector>

namespace igd {

class RequestTimes {
public:
    /// Seconds. UPnP's clients give up after 30 s, those of PCP ask again after 3 s, and some
    /// programs wait for 250 ms.
    static constexpr std::array kBounds{0.001, 0.0025, 0.005, 0.01, 0.025,
                                        0.05,  0.1,    0.25,  0.5,  1.0};

    /// A request of that protocol was answered after `time`.
    void took(Origin via, Clock::duration time);

    /// Returns a sample with the label "via" for UPnP, NAT-PMP and PCP each.
    [[nodiscard]] std::vector<MetricSample> samples() const;

private:
    struct Times {
        std::array<std::uint64_t, kBounds.size()> counts{};  ///< each without the smaller ones
        std::uint64_t all = 0;
        Clock::duration sum{};
    };
    std::array<Times, 3> times_{};  ///< by Origin: clients have no other
};

}  // namespace igd
