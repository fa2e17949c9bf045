// SPDX-License-Identifier: GPL-2.0-or-later
// An event on its way out. The publisher decides what is sent; who sends it is behind this
// interface, so that tests need no sockets.
#pragma once

#include "gena/subscriptions.h"

#include <memory>

namespace igd::upnp {

struct Event {
    Sid sid;
    std::uint32_t sequence = 0;
    std::vector<CallbackUrl> callbacks;  ///< tried in their order (GENA-SUBSCRIBE-13)
    IpAddress from;
    std::shared_ptr<const std::string> body;
    /// Its subscriber took the last one: it goes before those that may only cost time.
    bool isExpected = false;
};

/// How an event ended.
enum class Delivery {
    Taken,    ///< answered, whatever the status (GENA-EVENT-12, GENA-EVENT-23)
    Unknown,  ///< 412: the subscriber does not know its SID
    Refused,  ///< at none of its URLs does anybody take connections
    Failed,   ///< a connection, but no answer
};

class EventSender {
public:
    virtual ~EventSender() = default;
    /// Sends an event; each subscriber has one at a time on its way.
    virtual void send(Event event) = 0;
    /// Gives up what is on its way to that subscriber.
    virtual void cancel(const Sid& sid) = 0;
};

}  // namespace igd::upnp
