// SPDX-License-Identifier: GPL-2.0-or-later
// One connection to a Redis server: opened, signed in, asked in rows of commands. Loop thread only.
#pragma once

#include "reply.h"

#include "upnpd/store/store_setting.h"
#include "upnpd/util/time.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace igd::redis {

class Connection {
public:
    /// Whoever does not answer by then is away. A server that answers after five seconds is slow.
    static constexpr Seconds kPatience{12};

    struct Handlers {
        /// It takes commands.
        std::function<void()> ready;
        /// It is gone, and `problem` says why; no question has an answer any more. Called once, and
        /// later. Nothing is called behind it.
        std::function<void(const std::string& problem)> lost;
    };
    /// Opens it at once.
    Connection(boost::asio::io_context& loop, const StoreSetting& setting, const StoreLogin& login,
               Handlers handlers);

    /// Gets the answers to the commands of one question, in their order.
    using Answered = std::function<void(const std::vector<Reply>& answers)>;
    void ask(const std::vector<Command>& commands, Answered answered);

private:
    struct Question {
        std::size_t missing;
        std::vector<Reply> answers;
        Answered answered;
        TimePoint since;
    };
    void open(const StoreSetting& setting);
    void signIn();
    void signedIn(const std::vector<Reply>& answers);
    void read();
    void take(const Reply& reply);
    void write();
    void watch();
    void lose(const std::string& problem);
    template <class Handler>
    auto whileAlive(Handler handler);

    boost::asio::io_context& loop_;
    boost::asio::generic::stream_protocol::socket socket_;
    boost::asio::steady_timer timer_;
    StoreLogin login_;
    unsigned database_;
    Handlers handlers_;
    ReplyReader reader_;
    std::array<char, 16384> buffer_{};
    std::string writing_;  ///< is on its way
    std::string waiting_;  ///< to be written next
    std::deque<Question> questions_;
    TimePoint opened_ = Clock::now();
    bool isOpen_ = false;
    bool isReady_ = false;
    bool isLost_ = false;
    /// A handler that is due already asks whether this object is still there.
    std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace igd::redis
