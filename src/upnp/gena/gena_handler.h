// SPDX-License-Identifier: GPL-2.0-or-later
// The handler checks and keeps subscriptions, lets libupnp make the events, and passes them on.
// libupnp sees one subscriber only, the gate's own inbox, under a secret path for each
// subscription. Only the loop thread uses it.
#pragma once

#include "gena/event_forwarder.h"
#include "gena/subscription_request.h"
#include "gena/subscriptions.h"
#include "http/http_message.h"
#include "libupnp/relay.h"

#include "upnpd/upnp/lan_server.h"

#include <boost/asio/steady_timer.hpp>

namespace igd::upnp {

/// The addresses and paths of gate and inbox.
struct EventPlaces {
    InterfaceName interface;
    Endpoint inbox;
};

class GenaHandler {
public:
    GenaHandler(boost::asio::io_context& loop, Deadlines& deadlines, Relay& relay,
                const EventPlaces& places, const GateLimits& limits);

    void handle(const Request& request, const Service& service, const Peer& peer, Reply reply);
    /// Takes an event from libupnp; false when nobody wants it.
    bool event(const Token& token, Event event) {
        return forwarder_.deliver(token, std::move(event));
    }
    [[nodiscard]] bool knows(const Token& token) const {
        return subscriptions_.byToken(token).has_value();
    }

private:
    struct Context {
        const Service& service;
        IpAddress peer;
        IpAddress local;  ///< which address of ours it speaks to
        Reply reply;
    };

    void subscribe(const NewSubscription& wanted, Context context);
    void subscribed(const Token& token, Seconds timeout, std::optional<Response> answer,
                    const Context& context);
    void renew(const Renewal& wanted, Context context);
    void unsubscribe(const Unsubscription& wanted, const Context& context);
    void end(const Subscription& subscription);
    void takeOut(const std::string& sid, const Service& service, const IpAddress& subscriber);
    void expire();
    void armExpiry();

    Relay& relay_;
    const EventPlaces places_;
    Subscriptions subscriptions_;
    EventForwarder forwarder_;
    boost::asio::steady_timer expiry_;
};

/// The inbox takes libupnp's NOTIFYs and answers each at once, so that its threads never wait for a
/// subscriber.
class EventInbox final : public RequestHandler {
public:
    explicit EventInbox(GenaHandler& door) : door_(door) {}
    [[nodiscard]] std::optional<Response> refusal(const RequestHeader& header,
                                                  const Peer& peer) const override;
    void handle(Request request, const Peer& peer, Reply reply) override;

private:
    GenaHandler& door_;
};

}  // namespace igd::upnp
