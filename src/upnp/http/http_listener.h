// SPDX-License-Identifier: GPL-2.0-or-later
// Takes HTTP connections as far as the limits go. Of the loop thread.
#pragma once

#include "http/http_session.h"
#include "sockets/lan_sockets.h"

#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace igd::upnp {

class HttpListener {
public:
    /// Connections to `local`; `admits` says whose are taken. `parts` must outlive this.
    HttpListener(Acceptor acceptor, const IpEndpoint& local,
                 std::function<bool(const IpAddress&)> admits, const HttpParts& parts);
    void start() { accept(); }
    void close();

private:
    void accept();
    void accepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
    void admit(boost::asio::ip::tcp::socket socket);

    Acceptor acceptor_;
    const IpEndpoint local_;
    const std::function<bool(const IpAddress&)> admits_;
    const HttpParts& parts_;
    boost::asio::steady_timer pause_;
    boost::asio::ip::tcp::endpoint peer_;
};

}  // namespace igd::upnp
