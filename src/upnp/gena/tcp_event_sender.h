// SPDX-License-Identifier: GPL-2.0-or-later
// The sender takes events to the subscribers, each on a connection of its own, so many at a time;
// a dead host delays no other. Only the loop thread uses it.
#pragma once

#include "gena/event_sender.h"
#include "http/deadlines.h"

#include "upnpd/net/interface_name.h"

#include <boost/asio/io_context.hpp>

#include <deque>

namespace igd::upnp {

class TcpEventSender final : public EventSender {
public:
    /// So many events are on their way at once, and so many of them to subscribers that may be
    /// dead: each of those keeps its place for ten seconds.
    static constexpr std::size_t kPlaces = 64;
    static constexpr std::size_t kDoubtfulPlaces = 32;

    /// Called once for each event that was not cancelled, in the loop, after send() has returned.
    using Ended = std::function<void(const Sid&, Delivery)>;

    TcpEventSender(boost::asio::io_context& loop, Deadlines& deadlines, InterfaceName interface,
                   Ended ended);
    ~TcpEventSender() override;

    void send(Event event) override;
    void cancel(const Sid& sid) override;

private:
    class Attempt;
    using Running = std::map<Sid, std::shared_ptr<Attempt>>;

    void next();
    void begin(std::deque<Event>& queue);
    void forget(Running::iterator entry);
    void finished(const Attempt& attempt, Delivery delivery);

    boost::asio::io_context& loop_;
    Deadlines& deadlines_;
    const InterfaceName interface_;
    const Ended ended_;
    Running running_;
    std::size_t doubtful_ = 0;  ///< of those that are running
    std::deque<Event> expected_;
    std::deque<Event> others_;
};

}  // namespace igd::upnp
