// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/http_listener.h"

#include "upnpd/util/log.h"

namespace igd::upnp {
namespace {

/// When descriptors are short: closing ones free some.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

HttpListener::HttpListener(Acceptor acceptor, const IpEndpoint& local,
                           std::function<bool(const IpAddress&)> admits, const HttpParts& parts)
    : acceptor_(std::move(acceptor)),
      local_(local),
      admits_(std::move(admits)),
      parts_(parts),
      pause_(acceptor_.get_executor()) {}

void HttpListener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

void HttpListener::accept() {
    acceptor_.async_accept(
        peer_, [this](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
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
    const IpAddress peer = addressOf(peer_.address());
    if (!admits_(peer)) return log::debug("upnp: {} is not of this LAN: closed", toString(peer));
    const HostKey host = parts_.hosts.of(peer, Clock::now());
    auto ticket = parts_.connections.take(host);
    if (!ticket) return log::debug("upnp: {} has too many connections: closed", toString(peer));
    std::make_shared<HttpSession>(std::move(socket), Peer{peer, local_, host}, std::move(*ticket),
                                  parts_)
        ->start();
}

}  // namespace igd::upnp
