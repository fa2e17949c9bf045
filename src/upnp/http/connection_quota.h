// SPDX-License-Identifier: GPL-2.0-or-later
// How many connections each LAN host has, and all of them together. When there are as many as there
// may be, a host that has more than another gives one up for it, so that a host that has none
// always gets one: nothing has to be kept for it. Of the loop thread.
#pragma once

#include "upnpd/net/host_quota.h"

#include <boost/intrusive/list.hpp>

namespace igd::upnp {

/// A connection that waits for its host to send or to read, or for which we work; unlinks itself at
/// its end.
class Waiter : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit Waiter(const HostKey& host) : host_(host) {}
    virtual ~Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    [[nodiscard]] const HostKey& host() const { return host_; }

    /// Gives up its ticket, at once. Must destroy no Waiter.
    virtual void giveWay() = 0;

private:
    const HostKey host_;
};

class ConnectionQuota {
public:
    ConnectionQuota(std::size_t perHost, std::size_t total)
        : perHost_(perHost), quota_(perHost, total, 0) {}

    /// nullopt: `host` has as many as it may, or all together have and none has more than it.
    [[nodiscard]] std::optional<HostQuota::Ticket> take(const HostKey& host);

    /// From now on that connection may be told to give way; the one that has waited longest is the
    /// first.
    void waits(Waiter& connection);
    /// Its host is waiting for us: it is told only when none waits, the last one first. (A host
    /// that asks for what takes long on all its connections would keep others out.)
    void works(Waiter& connection);
    /// It has given up its ticket, and waits only for its host to close, so that no reset takes the
    /// last answer away. When too many do, the one that has waited longest is told to give way.
    void lingers(Waiter& connection);
    /// It has given up its ticket.
    static void leaves(Waiter& connection);

private:
    using List = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

    /// Returns the first connection of the host that has most, among the hosts with more than
    /// `least`.
    template <class Iterator>
    [[nodiscard]] Waiter* ofGreatest(Iterator first, Iterator last, std::size_t least) const;

    const std::size_t perHost_;
    HostQuota quota_;
    List waiting_;
    List working_;
    List lingering_;
};

}  // namespace igd::upnp
