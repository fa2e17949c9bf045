// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/search_responder.h"

#include "http/http_message.h"
#include "ssdp/ssdp_text.h"

#include "upnpd/util/log.h"
#include "upnpd/util/send_buffer.h"
#include "upnpd/util/text.h"

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include <net/if.h>

namespace igd::upnp {
namespace {

/// So many searches may have answers that are yet to leave, and so many of one host.
constexpr std::size_t kPending = 256;
constexpr std::size_t kPendingOfHost = 16;
using UdpEndpoint = boost::asio::ip::udp::endpoint;

IpAddress senderOf(const UdpEndpoint& endpoint) {
    return addressOf(endpoint.address());
}

const Ipv6Address* sixOf(const IpAddress& address) {
    return std::get_if<Ipv6Address>(&address);
}

std::map<std::string_view, std::uint32_t> configurationIds(DeviceIdentity identity) {
    std::map<std::string_view, std::uint32_t> ids;
    for (const Profile profile : profilesOf(identity)) {
        identity.profile = profile;
        ids[descriptionPath(profile)] = configurationId(identity);
    }
    return ids;
}

}  // namespace

SearchResponder::SearchResponder(boost::asio::io_context& loop, const LanServerConfig& config,
                                 Port port, HostKeys& hosts, Retries& retries)
    : loop_(loop),
      retries_(retries),
      lan_(config.lan),
      identity_(config.identity),
      configIds_(configurationIds(identity_)),
      bootId_(config.bootId),
      port_(port),
      hosts_(hosts),
      limit_({config.limits.searchesPerSecondPerPeer, config.limits.searchesPerSecond}),
      searches_(kPendingOfHost, kPending),
      timer_(loop) {}

SearchResponder::~SearchResponder() = default;

void SearchResponder::start() {
    wantAll();
}

// -- addresses come and go
// -----------------------------------------------------------------------------

void SearchResponder::addressesChanged(const Lan& lan, std::uint32_t bootId) {
    lan_ = lan;
    bootId_ = bootId;
    std::erase_if(sockets_, [&](const SocketPointer& socket) {
        if (socket->kind == SearchKind::Multicast || lan_.isRouter(socket->own)) return false;
        boost::system::error_code ignored;
        socket->socket.close(ignored);
        return true;
    });
    wantAll();
}

/// The groups of a family are joined where the router has an address of it.
void SearchResponder::wantAll() {
    if (!lan_.addresses.empty()) want(kSsdpGroup);
    for (const Ipv4Prefix& each : lan_.addresses) want(each.address);
    if (!lan_.addresses6.empty())
        for (const auto group : kSsdpGroup6) want(parseIpv6Address(group).value());
    for (const Ipv6Prefix& each : lan_.addresses6) want(each.address);
}

/// Each by itself: where one cannot be had, the others do.
void SearchResponder::want(const IpAddress& address) {
    if (socketAt(address) != nullptr) return;
    retries_.open({false, {address, kSsdpPort}}, [this, address] { add(open(address), address); });
}

UdpSocket SearchResponder::open(const IpAddress& address) {
    if (const auto* const six = sixOf(address))
        return openSearchSocket6(loop_, lan_.interface, *six);
    if (address == IpAddress{kSsdpGroup}) return openGroupSearchSocket(loop_, lan_.interface);
    return openUnicastSearchSocket(loop_, lan_.interface, std::get<Ipv4Address>(address));
}

/// A socket of the same address that sends, and gets nothing: a connected one gets datagrams of its
/// peer alone.
UdpSocket SearchResponder::openAside(const IpAddress& address) {
    constexpr std::uint16_t kDiscard = 9;
    const unsigned scope = ::if_nametoindex(lan_.interface.text().c_str());
    UdpSocket socket = open(address);
    boost::system::error_code error;
    socket.connect({asioAddress(address, scope), kDiscard}, error);
    if (error) throw std::system_error{error, "no way out from " + toString(address)};
    return socket;
}

void SearchResponder::add(UdpSocket socket, const IpAddress& address) {
    const bool isGroup = std::visit([](const auto& own) { return own.isMulticast(); }, address);
    const auto kind = isGroup ? SearchKind::Multicast : SearchKind::Unicast;
    std::optional<UdpSocket> aside;
    if (!isGroup) aside = openAside(address);
    sockets_.push_back(
        std::make_shared<Socket>(Socket{std::move(socket), std::move(aside), kind, address}));
    receive(sockets_.back());
}

// -- searches
// ------------------------------------------------------------------------------------------------

void SearchResponder::receive(const SocketPointer& from) {
    from->socket.async_receive_from(
        boost::asio::buffer(from->buffer), from->sender,
        [this, from](boost::system::error_code error, std::size_t size) {
            if (!from->socket.is_open()) return;
            if (error == boost::asio::error::operation_aborted) return;
            if (!error) received(from, size);
            receive(from);
        });
}

void SearchResponder::received(const SocketPointer& from, std::size_t size) {
    if (!belongsHere(from->sender)) return;
    const auto search = parseSearch({from->buffer.data(), size}, from->kind, from->own);
    if (!search) return;  // mostly other devices' NOTIFYs
    const IpAddress sender = senderOf(from->sender);
    const auto now = Clock::now();
    const HostKey host = hosts_.of(sender, now);
    if (!limit_.admits(sender, host, now)) return;
    auto ticket = searches_.take(host);
    if (!ticket) return;
    // Who asked one of several addresses of IPv4 waits for an answer from that one.
    const bool wasAsked = from->kind == SearchKind::Unicast && sixOf(from->own) == nullptr;
    if (const auto answering = wasAsked ? from : answersTo(sender))
        plan(*search, from->sender, answering,
             std::make_shared<HostQuota::Ticket>(std::move(*ticket)));
}

/// SSDP-MSEARCH-30, -32: our own address is not a searcher either.
bool SearchResponder::belongsHere(const UdpEndpoint& sender) const {
    return sender.port() != 0 && lan_.isHost(senderOf(sender));
}

SearchResponder::SocketPointer SearchResponder::socketAt(const IpAddress& own) const {
    const auto found = std::ranges::find(sockets_, own, [](const auto& each) { return each->own; });
    return found == sockets_.end() ? nullptr : *found;
}

/// The socket of that one of our addresses which the sender sees as its neighbour's: link-local for
/// a link-local one, else of the same network (SSDP-MSEARCH-34); the first one for a sender behind
/// another router. nullptr: there is none.
SearchResponder::SocketPointer SearchResponder::answersTo(const IpAddress& sender) const {
    const auto* const six = sixOf(sender);
    if (six == nullptr) {
        const auto sees = [&](const Ipv4Prefix& each) {
            return each.contains(std::get<Ipv4Address>(sender)) && socketAt(each.address);
        };
        const auto own = std::ranges::find_if(lan_.addresses, sees);
        if (own != lan_.addresses.end()) return socketAt(own->address);
        return lan_.addresses.empty() ? nullptr : socketAt(lan_.first());
    }
    SocketPointer further;
    for (const Ipv6Prefix& each : lan_.addresses6) {
        auto socket = socketAt(each.address);
        if (socket == nullptr) continue;
        if (each.contains(*six)) return socket;
        if (!six->isLinkLocal() && !each.address.isLinkLocal() && !further) further = socket;
    }
    return further;
}

void SearchResponder::plan(const Search& search, const UdpEndpoint& to, const SocketPointer& from,
                           const Ticket& ticket) {
    const auto answers = igd::answersTo(search.target, identity_);
    log::debug("upnp: {} searches {}: {} answers", toString(senderOf(to)),
               igd::quoted(search.target), answers.size());
    const bool overIpv6 = sixOf(from->own) != nullptr;
    const auto now = Clock::now();
    for (std::size_t place = 0; place < answers.size(); ++place) {
        const auto delay = answerDelay(search.within, overIpv6, place, answers.size());
        if (delay == AnswerDelay{})
            send({to, answers[place], from, ticket});
        else
            pending_.emplace(now + anyOf(delay), Pending{to, answers[place], from, ticket});
    }
    arm();
}

std::chrono::milliseconds SearchResponder::anyOf(const AnswerDelay& delay) {
    std::uniform_int_distribution<std::chrono::milliseconds::rep> between{delay.least.count(),
                                                                          delay.most.count()};
    return std::chrono::milliseconds{between(random_)};
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
    const auto from = pending.from.lock();
    if (from == nullptr) return;  // that address is gone
    const auto text = fmt::format(
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age={}\r\nDATE: {}\r\nEXT:\r\nLOCATION: "
        "{}\r\nSERVER: {}\r\n"
        "ST: {}\r\nUSN: {}\r\n{}\r\n",
        kMaxAge, httpDate(std::time(nullptr)),
        locationOf({from->own, port_}, pending.target.profile), serverToken(),
        pending.target.target, pending.target.usn,
        runHeaders(bootId_, configIds_.at(descriptionPath(pending.target.profile))));
    const Way way = hosts_.wayTo(senderOf(pending.to), Clock::now());
    if (way == Way::Nowhere) return;
    UdpSocket& out = way == Way::Straight ? from->socket : *from->aside;
    if (way == Way::AsideIfRoom && isHalfFull(out.native_handle())) return;
    boost::system::error_code ignored;  // a full buffer drops it, as any network may
    out.send_to(boost::asio::buffer(text), pending.to, 0, ignored);
}

}  // namespace igd::upnp
