// SPDX-License-Identifier: GPL-2.0-or-later
// Takes HTTP connections as far as the limits go. Of the loop thread.
#pragma once

#include "http_session.h"
#include "lan_sockets.h"

#include <boost/asio/steady_timer.hpp>

namespace igd::upnp {

class HttpListener {
public:
    /// `lan`: only its hosts, and we ourselves, are let in. `parts` must outlive this.
    HttpListener(Acceptor acceptor, Ipv4Prefix lan, const HttpParts& parts);
    void start() { accept(); }
    void close();

private:
    void accept();
    void accepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
    void admit(boost::asio::ip::tcp::socket socket);

    Acceptor acceptor_;
    const Ipv4Prefix lan_;
    const HttpParts& parts_;
    PeerQuota quota_;
    boost::asio::steady_timer pause_;
    boost::asio::ip::tcp::endpoint peer_;
};

}  // namespace igd::upnp
