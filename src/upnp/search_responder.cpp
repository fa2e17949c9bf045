// SPDX-License-Identifier: GPL-2.0-or-later
#include "search_responder.h"

#include "http_message.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <boost/asio/buffer.hpp>

#include <fmt/format.h>

namespace igd::upnp {
namespace {

constexpr std::size_t kPending = 512;
constexpr int kMaxAge = 1800;

using UdpEndpoint = boost::asio::ip::udp::endpoint;

Ipv4Address addressOf(const UdpEndpoint& endpoint) {
    return Ipv4Address{endpoint.address().to_v4().to_uint()};
}

}  // namespace

SearchResponder::SearchResponder(boost::asio::io_context& loop, const LanServerConfig& config,
                                 Locations locations)
    : lan_(config.address),
      identity_(config.identity),
      locations_(std::move(locations)),
      group_{openGroupSearchSocket(loop, config.interface), SearchKind::Multicast},
      unicast_{openUnicastSearchSocket(loop, config.interface, config.address.address), SearchKind::Unicast},
      limit_(config.limits.searchesPerSecondPerPeer, config.limits.searchesPerSecond),
      timer_(loop) {}

void SearchResponder::start() {
    // Else Asio waits in send_to() for room, as long as the kernel looks for the client's hardware address.
    unicast_.socket.non_blocking(true);
    receive(group_);
    receive(unicast_);
}

void SearchResponder::receive(Socket& from) {
    from.socket.async_receive_from(boost::asio::buffer(from.buffer), from.sender,
                                   [this, &from](boost::system::error_code error, std::size_t size) {
                                       if (error == boost::asio::error::operation_aborted) return;
                                       if (!error) received(from, size);
                                       receive(from);
                                   });
}

void SearchResponder::received(const Socket& from, std::size_t size) {
    if (!belongsHere(from.sender)) return;
    const auto search = parseSearch({from.buffer.data(), size}, from.kind, lan_.address);
    if (!search) return;  // mostly other devices' NOTIFYs
    if (!limit_.admits(addressOf(from.sender), Clock::now())) return;
    plan(*search, from.sender);
}

/// SSDP-MSEARCH-30, -32: our own address is not a searcher either.
bool SearchResponder::belongsHere(const UdpEndpoint& sender) const {
    const auto address = addressOf(sender);
    return lan_.isHost(address) && address != lan_.address && sender.port() != 0;
}

/// Spread at random over MX less a tenth for the way (SSDP-MSEARCH-16, -17).
void SearchResponder::plan(const Search& search, const UdpEndpoint& to) {
    const auto answers = answersTo(search.target, identity_);
    log::debug("upnp: {} searches {}: {} answers", toString(addressOf(to)), igd::quoted(search.target),
               answers.size());
    const auto longest = std::chrono::milliseconds{search.within} * 9 / 10;
    std::uniform_int_distribution<std::chrono::milliseconds::rep> delay{0, longest.count()};
    const auto now = Clock::now();
    for (const auto& answer : answers) {
        if (search.within == Seconds{0})
            send({to, answer});
        else if (pending_.size() < kPending)
            pending_.emplace(now + std::chrono::milliseconds{delay(random_)}, Pending{to, answer});
    }
    arm();
}

void SearchResponder::arm() {
    if (pending_.empty()) return;
    timer_.expires_at(pending_.begin()->first);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) sendDue();
    });
}

void SearchResponder::sendDue() {
    const auto now = Clock::now();
    while (!pending_.empty() && pending_.begin()->first <= now) {
        send(pending_.begin()->second);
        pending_.erase(pending_.begin());
    }
    arm();
}

void SearchResponder::send(const Pending& pending) {
    const auto text = fmt::format(
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age={}\r\nDATE: {}\r\nEXT:\r\nLOCATION: {}\r\nSERVER: {}\r\n"
        "ST: {}\r\nUSN: {}\r\n\r\n",
        kMaxAge, httpDate(std::time(nullptr)),
        pending.target.lowered ? locations_.version1 : locations_.whole, serverToken(), pending.target.target,
        pending.target.usn);
    boost::system::error_code ignored;  // a full buffer drops it, as any network may
    unicast_.socket.send_to(boost::asio::buffer(text), pending.to, 0, ignored);
}

}  // namespace igd::upnp
