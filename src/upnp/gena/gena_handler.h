// SPDX-License-Identifier: GPL-2.0-or-later
// The handler answers SUBSCRIBE and UNSUBSCRIBE, and gives the publisher its turns. Only the loop
// thread uses it.
#pragma once

#include "gena/publisher.h"
#include "gena/subscription_request.h"
#include "gena/tcp_event_sender.h"
#include "http/http_message.h"

#include "upnpd/upnp/lan_server.h"

#include <boost/asio/steady_timer.hpp>

namespace igd::upnp {

class GenaHandler {
public:
    /// `sameHost` is asked about addresses of CALLBACK that are not the subscriber's own.
    GenaHandler(boost::asio::io_context& loop, Deadlines& deadlines, const LanServerConfig& config,
                SameHost sameHost);

    void handle(const Request& request, const Service& service, const Peer& peer, Reply reply);
    /// Tells the subscribers what differs from what they were told last.
    void statusChanged(const GatewayStatus& status);
    /// Calls `changed` with the number of subscriptions whenever it is another one.
    void whenCounted(std::function<void(std::size_t)> changed) { counted_ = std::move(changed); }

private:
    /// A request that is looked at again when the kernel knows more of its addresses.
    struct Asked {
        RequestHeader header;
        const Service& service;
        Peer peer;
        Reply reply;
        int looks = 0;
    };

    void handle(Asked asked);
    void lookAgain(Asked asked);
    void subscribe(NewSubscription wanted, const Asked& asked);
    void renew(const Renewal& wanted, const Asked& asked);
    void unsubscribe(const Unsubscription& wanted, const Asked& asked);
    void arm();
    void tellCount();

    boost::asio::io_context& loop_;
    const SameHost sameHost_;
    Subscriptions subscriptions_;
    TcpEventSender sender_;
    Publisher publisher_;
    boost::asio::steady_timer timer_;
    std::optional<TimePoint> armedFor_;
    std::size_t looking_ = 0;
    std::function<void(std::size_t)> counted_;
    std::size_t told_ = 0;  ///< to counted_
};

}  // namespace igd::upnp
