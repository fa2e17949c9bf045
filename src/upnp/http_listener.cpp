// SPDX-License-Identifier: GPL-2.0-or-later
#include "http_listener.h"

#include "upnpd/util/log.h"

namespace igd::upnp {
namespace {

/// When descriptors are short: closing ones free some.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

HttpListener::HttpListener(Acceptor acceptor, Ipv4Prefix lan, const HttpParts& parts)
    : acceptor_(std::move(acceptor)),
      lan_(lan),
      parts_(parts),
      quota_(parts.limits.connectionsPerPeer, parts.limits.connectionsTotal),
      pause_(acceptor_.get_executor()) {}

void HttpListener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

void HttpListener::accept() {
    acceptor_.async_accept(peer_,
                           [this](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
                               accepted(error, std::move(socket));
                           });
}

void HttpListener::accepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
        admit(std::move(socket));
        return accept();
    }
    if (error == boost::asio::error::connection_aborted) return accept();
    log::warning("upnp: no connection can be taken: {}", error.message());
    pause_.expires_after(kPause);
    pause_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) accept();
    });
}

void HttpListener::admit(boost::asio::ip::tcp::socket socket) {
    const Ipv4Address peer{peer_.address().to_v4().to_uint()};
    if (!lan_.isHost(peer)) return log::debug("upnp: {} is not of this LAN: closed", toString(peer));
    auto ticket = quota_.take(peer);
    if (!ticket) return log::debug("upnp: {} has too many connections: closed", toString(peer));
    std::make_shared<HttpSession>(std::move(socket), peer, std::move(*ticket), parts_)->start();
}

}  // namespace igd::upnp
