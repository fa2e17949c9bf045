// SPDX-License-Identifier: GPL-2.0-or-later
// Has the kernel look for the hosts that have openings, now and then, so that the table of
// neighbours hears who has left the network. A round asks for each host once, however many openings
// it has, and is spread over time.
#pragma once

#include "upnpd/portmap/neighbours.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <compare>
#include <functional>
#include <optional>
#include <vector>

namespace igd {

class HostPresence {
public:
    /// A host on link.
    struct Watched {
        InterfaceName interface;
        IpAddress host;
        auto operator<=>(const Watched&) const = default;
    };

    /// `watched` returns the hosts that have openings; one may be in it more than once. It is asked
    /// once a round.
    HostPresence(boost::asio::io_context& loop, Neighbours& neighbours,
                 std::function<std::vector<Watched>()> watched);

    /// Begins, or goes on with another time; nullopt: nobody is asked for, for absence does not
    /// count.
    void setTimeout(std::optional<Seconds> absentHostTimeout);
    void stop();

    /// From one round to the next: a quarter of the time that a host may be absent for, but at
    /// least 5 s and at most one hour.
    [[nodiscard]] static Seconds interval(Seconds absentHostTimeout);

    /// Looks for the hosts that are due. Returns when it wants to be called again.
    [[nodiscard]] TimePoint look(TimePoint now);

private:
    void arm(TimePoint when);

    Neighbours& neighbours_;
    std::function<std::vector<Watched>()> watched_;
    Seconds interval_{0};
    std::vector<Watched> left_;  ///< of this round
    TimePoint nextRound_{};
    boost::asio::steady_timer timer_;
};

}  // namespace igd
