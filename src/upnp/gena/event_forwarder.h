// SPDX-License-Identifier: GPL-2.0-or-later
// The forwarder takes events to the subscribers, for each one at a time and in order; a dead host
// delays no other. Only the loop thread uses it.
#pragma once

#include "gena/callback_url.h"
#include "gena/subscriptions.h"
#include "http/deadlines.h"

#include "upnpd/net/interface_name.h"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <memory>

namespace igd::upnp {

struct Event {
    std::string sid;
    std::string seq;
    std::string body;
};

/// Where the events of a subscriber go, and which address of ours they come from.
struct Destination {
    std::vector<CallbackUrl> urls;
    IpAddress from;
};

class EventForwarder {
public:
    /// Called when a subscriber has said that it does not know its subscription (GENA-EVENT-12).
    using Disowned = std::function<void(const Token&)>;

    EventForwarder(boost::asio::io_context& loop, Deadlines& deadlines, InterfaceName interface,
                   Disowned disowned);

    /// Holds the subscriber's events until release(): the first must not overtake the answer to
    /// SUBSCRIBE (GENA-EVENT-02).
    void open(const Token& token, Destination destination);
    void release(const Token& token);
    /// Sends that subscriber nothing more.
    void close(const Token& token);
    /// Queues an event; false when there is no such subscriber. Of too many events the oldest are
    /// dropped, which the next one's SEQ shows.
    bool deliver(const Token& token, Event event);

private:
    class Delivery;
    struct Subscriber {
        Destination destination;
        std::deque<Event> queue{};
        bool held = true;
        std::weak_ptr<Delivery> inFlight{};
    };

    void next(const Token& token);
    void finished(const Token& token, bool disowned);

    boost::asio::io_context& loop_;
    Deadlines& deadlines_;
    const InterfaceName interface_;
    const Disowned disowned_;
    std::map<Token, Subscriber> subscribers_;
};

}  // namespace igd::upnp
