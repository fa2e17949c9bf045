// SPDX-License-Identifier: GPL-2.0-or-later
// The relay carries requests that the gate itself has written to libupnp, a few at a time, and
// reads the answers under limits. Only the loop thread uses it.
#pragma once

#include "http/deadlines.h"
#include "http/http_message.h"
#include "libupnp/relay_table.h"

#include "upnpd/portmap/call_times.h"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace igd::upnp {

/// A whole HTTP request but for its HOST line, which the relay adds after `startLine`.
struct RelayRequest {
    std::string startLine;  ///< "POST /ctl/IPConn HTTP/1.1"
    std::string rest;       ///< header lines, blank line, body
    RelayClient client;     ///< for whom
};

class Relay {
public:
    /// libupnp answers a request within this time, or has refused to do what it asks: an action has
    /// ended after kLongestCall.
    static constexpr Seconds kExchangeTime = kLongestCall + Seconds{2};
    /// A request whose turn has not come after this time is not passed on any more.
    static constexpr Seconds kTurnTime{15};

    /// Called with libupnp's answer; nullopt when there is none in time, or no room to wait for
    /// one.
    using Done = std::function<void(std::optional<Response>)>;

    Relay(boost::asio::io_context& loop, Deadlines& deadlines, RelayTable& table)
        : loop_(loop), deadlines_(deadlines), table_(table) {}

    /// Answers requests from now on; before, they fail.
    void open(Port target) { target_ = target; }

    /// Sends `request`. `done` is called once, never before send() has returned.
    void send(RelayRequest request, Done done);

private:
    class Exchange;
    struct Waiting {
        RelayRequest request;
        Done done;
        TimePoint until;  ///< its turn must come before
    };

    void begin(Waiting waiting);
    void finished();

    boost::asio::io_context& loop_;
    Deadlines& deadlines_;
    RelayTable& table_;
    std::optional<Port> target_;
    std::size_t inFlight_ = 0;
    std::deque<Waiting> queue_;
};

}  // namespace igd::upnp
