// SPDX-License-Identifier: GPL-2.0-or-later
// Questions of NAT-PMP and PCP on their way: each is sent again after 250 ms, 500 ms and 1 s (RFC
// 6886 section 3.1), and given up after 2.25 s, for a client of ours waits. (RFC 6887 section
// 8.1.1 begins with 3 s, which is longer than clients wait.)
#pragma once

#include "upnpd/pcp/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <optional>

namespace igd::above {

class QuestionQueue {
public:
    using Send = std::function<void(const pcp::Bytes&)>;
    struct Question {
        pcp::Bytes request;
        std::function<bool(const pcp::ServerAnswer&)> isAnswer;
        /// nullopt: there is none.
        std::function<void(const std::optional<pcp::ServerAnswer>&)> answered;
        unsigned mostSent = 4;
        bool endsIfRefused = false;  ///< with the gateway's word that nobody listens (ICMP)
    };

    QuestionQueue(boost::asio::io_context& loop, Send send)
        : send_(std::move(send)), timer_(loop) {}

    void ask(Question question);
    /// Gives `answer` to all who wait for it. Returns whether there was one.
    bool take(const pcp::ServerAnswer& answer);

    /// The gateway says that nobody listens.
    void refuse();

private:
    struct Waiting {
        Question question;
        unsigned sent = 0;
        TimePoint next;
    };
    /// Ends the waiting of those, and takes them out.
    template <class IsMeant>
    std::list<Waiting> takenIf(IsMeant isMeant);
    void sendDue();
    void plan();

    Send send_;
    boost::asio::steady_timer timer_;
    std::list<Waiting> waiting_;
};

}  // namespace igd::above
