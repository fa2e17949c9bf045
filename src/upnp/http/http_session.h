// SPDX-License-Identifier: GPL-2.0-or-later
// One HTTP connection: reads whole requests under limits, hands them on, writes the answers. Keeps
// itself alive by its own handlers; of the loop thread.
#pragma once

#include "http/connection_quota.h"
#include "http/deadlines.h"
#include "http/header_text.h"
#include "http/http_message.h"

#include "upnpd/net/fair_limit.h"
#include "upnpd/portmap/host_keys.h"
#include "upnpd/upnp/lan_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace igd::upnp {

/// All sessions share these parts.
struct HttpParts {
    RequestHandler& handler;
    Deadlines& deadlines;
    GateLimits limits;
    ConnectionQuota& connections;
    FairLimit& requests;
    HostQuota& bodies;  ///< bytes
    HostKeys& hosts;
};

class HttpSession final : public std::enable_shared_from_this<HttpSession>,
                          public Timed,
                          public Waiter {
public:
    HttpSession(boost::asio::ip::tcp::socket socket, const Peer& peer, HostQuota::Ticket ticket,
                const HttpParts& parts);
    void start();
    void timedOut() override { close(); }
    void giveWay() override;

private:
    using Error = boost::system::error_code;

    void waitForPeer(Clock::duration within);
    void readHeader();
    void seekHeader();
    [[nodiscard]] bool readAtOnce();
    [[nodiscard]] Error parseHeader(const HeaderPlace& place);
    [[nodiscard]] std::string_view receivedText() const;
    void headerRead(Error error);
    void later(Clock::duration wait, std::function<void()> goOn);
    void admitted(Error error);
    void reserveBody();
    void invite();
    void readBody();
    void bodyRead(Error error);
    void refuse(Error error);
    void putOff();
    void answer(Answer answer, bool keepAlive);
    void written(Error error);
    void drain();
    void answerRead();
    void close();

    boost::asio::ip::tcp::socket socket_;
    const Peer peer_;
    std::optional<HostQuota::Ticket> ticket_;  ///< until the last answer has left
    const HttpParts& parts_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::optional<HostQuota::Ticket> body_;  ///< the bytes that its request's body may have
    std::optional<boost::asio::steady_timer> later_;
    Answer answer_;
    std::string wire_;            ///< the answer's bytes
    std::function<void()> read_;  ///< the last answer's Answer::read
    std::size_t drained_ = 0;
};

}  // namespace igd::upnp
