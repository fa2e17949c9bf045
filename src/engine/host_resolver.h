// SPDX-License-Identifier: GPL-2.0-or-later
// Who is who: makes a Host of an address before a request is judged, and lets a request wait for a
// moment while the kernel looks for a host that it does not know yet.
#pragma once

#include "upnpd/portmap/host.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/portmap/neighbours.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <span>
#include <vector>

namespace igd {

class HostResolver {
public:
    /// A neighbour that is there answers within a few milliseconds, a sleeping one in more. When
    /// the question or its answer was lost, the kernel asks again after a second (retrans_time_ms).
    static constexpr std::chrono::milliseconds kPatience{1250};
    /// Requests that wait at once; further ones go on with what is known. Forged sources, which
    /// nobody answers for, cannot make more wait.
    static constexpr std::size_t kMostWaiting = 256;

    HostResolver(boost::asio::io_context& loop, Neighbours& neighbours);

    /// Returns the host with `address` as it is known now.
    [[nodiscard]] Host resolve(const Lan& lan, const IpAddress& address) const;

    /// Calls `ready` when all of `addresses` are known: at once, or in the loop after kPatience at
    /// the latest, whether they are known by then or not.
    void whenKnown(const Lan& lan, std::span<const IpAddress> addresses,
                   std::function<void()> ready);

    /// `host` is a neighbour now.
    void hostFound(const IpAddress& host);
    /// Nobody waits any more; what waits is dropped.
    void stop();

private:
    struct Waiting {
        std::vector<IpAddress> unknown;
        TimePoint until;
        std::function<void()> ready;
    };
    [[nodiscard]] bool isKnown(const Lan& lan, const IpAddress& address) const;
    void arm();
    void giveUp();

    Neighbours& neighbours_;
    std::deque<Waiting> waiting_;  ///< the first waits longest
    boost::asio::steady_timer timer_;
};

}  // namespace igd
