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
#include <vector>

namespace igd {

class HostResolver {
public:
    /// A requester is there, since it asks: when the question who it is, or the answer, was lost,
    /// the kernel asks again after a second (retrans_time_ms).
    static constexpr std::chrono::milliseconds kPatience{1250};
    /// The client that it names may be absent. One that is there answers within a few milliseconds,
    /// a sleeping one in more.
    static constexpr std::chrono::milliseconds kPatienceForClient{250};
    /// Requests that wait at once; further ones go on with what is known. Forged sources, which
    /// nobody answers for, cannot make more wait.
    static constexpr std::size_t kMostWaiting = 256;

    HostResolver(boost::asio::io_context& loop, Neighbours& neighbours);

    /// Returns the host with `address` as it is known now.
    [[nodiscard]] Host resolve(const Lan& lan, const IpAddress& address) const;

    /// Calls `ready` when `requester` and `client` are known: at once, or in the loop after
    /// kPatience at the latest (kPatienceForClient when only `client` is unknown), whether they are
    /// known by then or not.
    void whenKnown(const Lan& lan, const IpAddress& requester, const IpAddress& client,
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
    [[nodiscard]] std::vector<Ipv4Address> ipv4Of(const Lan& lan, const MacAddress& mac) const;
    [[nodiscard]] bool isKnown(const Lan& lan, const IpAddress& address) const;
    void add(Waiting waiting);
    void arm();
    void giveUp();

    Neighbours& neighbours_;
    std::deque<Waiting> waiting_;  ///< by the end of their patience
    boost::asio::steady_timer timer_;
};

}  // namespace igd
