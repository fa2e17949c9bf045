// SPDX-License-Identifier: GPL-2.0-or-later
// How many connections each LAN host has, and all of them together. When there are as many as there may be, a
// host that has more than another gives one up for it. Of the loop thread.
#pragma once

#include "peer_quota.h"

#include <boost/intrusive/list.hpp>

namespace igd::upnp {

/// A connection while it waits for its host to send or to read; unlinks itself at its end.
class Waiter
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit Waiter(const IpAddress& host) : host_(host) {}
    virtual ~Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    [[nodiscard]] const IpAddress& host() const { return host_; }

    /// Gives up its ticket, at once. Must destroy no Waiter.
    virtual void giveWay() = 0;

private:
    const IpAddress host_;
};

class ConnectionQuota {
public:
    ConnectionQuota(std::size_t perHost, std::size_t total) : perHost_(perHost), quota_(perHost, total) {}

    /// nullopt: `host` has as many as it may, or all together have and none with more than it waits.
    [[nodiscard]] std::optional<PeerQuota::Ticket> take(const IpAddress& host);

    /// From now on that connection may be told to give way; the one that has waited longest is the first.
    void waits(Waiter& connection);
    /// It may not, for its host is waiting for us.
    static void works(Waiter& connection);

private:
    /// Of the hosts with more than `least` the one with most: the connection that has waited longest.
    [[nodiscard]] Waiter* longestOfGreatest(std::size_t least);

    const std::size_t perHost_;
    PeerQuota quota_;
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace igd::upnp
