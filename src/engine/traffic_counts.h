// SPDX-License-Identifier: GPL-2.0-or-later
// Knows what has gone through each opening since it was made. The kernel counts; it is asked when
// somebody wants to know, once a second at most, and more rarely where there are so many that it
// takes long. Its counters begin anew when rules are laid anew, and these do not.
#pragma once

#include "upnpd/portmap/openings.h"

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace igd {

class TrafficCounts {
public:
    static constexpr Seconds kBetween{1};
    /// Looks take a twentieth of the time at most: others wait meanwhile.
    static constexpr int kRestAfterLook = 20;

    /// Both must outlive this.
    TrafficCounts(const Openings& openings, FirewallBackend& firewall)
        : openings_(openings), firewall_(firewall) {}

    /// Returns what has gone through the opening with that id; nullopt: it is not counted. What
    /// went through before a repair of rules that somebody had removed counts as far as it was
    /// asked for.
    [[nodiscard]] std::optional<Traffic> of(std::uint32_t opening, TimePoint now);

    /// All rules are about to be laid anew. Between this and laid() nothing may be asked.
    void beforeLaying(TimePoint now) { look(now); }
    /// All rules were laid anew.
    void laid();

private:
    struct Count {
        Traffic before{};                ///< by counters that are no more
        std::optional<Traffic> counter;  ///< the kernel's, at the last look; nullopt: it has none
    };
    void look(TimePoint now);

    const Openings& openings_;
    FirewallBackend& firewall_;
    std::unordered_map<std::uint32_t, Count> counts_;  ///< by the ids of openings
    std::optional<TimePoint> lookedAt_;
    Clock::duration took_{};  ///< the last look
};

}  // namespace igd
