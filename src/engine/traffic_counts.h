// SPDX-License-Identifier: GPL-2.0-or-later
// Knows what has gone through each opening since it was made. The kernel counts; it is asked about
// an opening when somebody wants to know, once a second at most. Its counters begin anew when rules
// are laid anew, and these do not.
#pragma once

#include "upnpd/portmap/openings.h"

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace igd {

class TrafficCounts {
public:
    static constexpr Seconds kBetween{1};
    /// So many are asked about at once: a tenth of a second, in which nobody else is served.
    static constexpr std::size_t kMostAtOnce = 10000;

    /// Both must outlive this.
    TrafficCounts(const Openings& openings, FirewallBackend& firewall)
        : openings_(openings), firewall_(firewall) {}

    /// Returns what has gone through that opening; nullopt: it is not counted. What went through
    /// before a repair of rules that somebody had removed counts as far as it was asked for.
    [[nodiscard]] std::optional<Traffic> of(const Opening& opening, TimePoint now);

    /// All rules are about to be laid anew. Between this and laid() nothing may be asked.
    void beforeLaying(TimePoint now);
    /// All rules were laid anew.
    void laid();

private:
    struct Count {
        Traffic before{};                ///< by counters that are no more
        std::optional<Traffic> counter;  ///< the kernel's, at the last look; nullopt: it has none
        std::optional<TimePoint> lookedAt{};
    };
    void look(const Opening& opening, Count& count, TimePoint now);
    void forgetTheEnded();

    const Openings& openings_;
    FirewallBackend& firewall_;
    std::unordered_map<std::uint32_t, Count> counts_;  ///< of openings asked about, by their ids
};

}  // namespace igd
