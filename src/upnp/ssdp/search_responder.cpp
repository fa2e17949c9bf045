// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/search_responder.h"

#include "http/http_message.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include <net/if.h>

namespace igd::upnp {
namespace {

constexpr std::size_t kPending = 512;
constexpr int kMaxAge = 1800;
/// Half of that, less up to so much (discovery-eventing.md section 1).
constexpr std::chrono::milliseconds kInterval{900'000};
constexpr std::chrono::milliseconds kJitter{100'000};
/// A new address is announced twice, so far apart.
constexpr std::chrono::milliseconds kRepeat{250};

/// A group to which is advertised, and how HOST names it (UDA 1.1 annex A).
struct Group {
    IpAddress address;
    std::string_view host;
};

using UdpEndpoint = boost::asio::ip::udp::endpoint;

IpAddress senderOf(const UdpEndpoint& endpoint) {
    return addressOf(endpoint.address());
}

const Ipv6Address* sixOf(const IpAddress& address) {
    return std::get_if<Ipv6Address>(&address);
}

/// From a link-local address no further than the link.
Group groupFor(const IpAddress& own) {
    const auto* const six = sixOf(own);
    if (six == nullptr) return {kSsdpGroup, "239.255.255.250:1900"};
    if (six->isLinkLocal()) return {parseIpv6Address(kSsdpGroup6[0]).value(), "[FF02::C]:1900"};
    return {parseIpv6Address(kSsdpGroup6[1]).value(), "[FF05::C]:1900"};
}

}  // namespace

SearchResponder::SearchResponder(boost::asio::io_context& loop, const LanServerConfig& config,
                                 Port port)
    : loop_(loop),
      lan_(config.lan),
      first_(config.lan.addresses.front().address),
      identity_(config.identity),
      port_(port),
      limit_(config.limits.searchesPerSecondPerPeer, config.limits.searchesPerSecond),
      timer_(loop),
      advertisement_(loop) {
    add(openGroupSearchSocket(loop, lan_.interface), SearchKind::Multicast, Ipv4Address{});
    add(open(first_), SearchKind::Unicast, first_);
}

SearchResponder::~SearchResponder() = default;

void SearchResponder::add(UdpSocket socket, SearchKind kind, const IpAddress& own) {
    sockets_.push_back(std::make_shared<Socket>(Socket{std::move(socket), kind, own}));
    if (started_) receive(sockets_.back());
}

void SearchResponder::start() {
    started_ = true;
    for (const auto& socket : sockets_) receive(socket);
    planAdvertisement(kRepeat);
}

// -- addresses come and go
// -----------------------------------------------------------------------------

void SearchResponder::addressesChanged(const Lan& lan) {
    lan_ = lan;
    std::erase_if(sockets_, [&](const SocketPointer& socket) {
        if (socket->kind == SearchKind::Multicast || lan_.isRouter(socket->own)) return false;
        boost::system::error_code ignored;
        socket->socket.close(ignored);
        return true;
    });
    for (const Ipv4Prefix& each : lan_.addresses) addAddress(each.address);
    for (const Ipv6Prefix& each : lan_.addresses6) addAddress(each.address);
}

UdpSocket SearchResponder::open(const IpAddress& address) {
    if (const auto* const six = sixOf(address))
        return openSearchSocket6(loop_, lan_.interface, *six);
    return openUnicastSearchSocket(loop_, lan_.interface, std::get<Ipv4Address>(address));
}

void SearchResponder::addAddress(const IpAddress& address) {
    if (unicastAt(address) != nullptr) return;
    try {
        if (sixOf(address) != nullptr) joinGroups();
        add(open(address), SearchKind::Unicast, address);
    } catch (const std::system_error& error) {
        return log::warning("upnp: {}: {}", lan_.interface.text(), error.what());
    }
    if (!started_) return;
    // Over IPv4 control points know the device by its first address already: a byebye would be for
    // that one, too.
    if (sixOf(address) != nullptr) advertise("ssdp:byebye", sockets_.back());
    planAdvertisement(kRepeat);
}

void SearchResponder::joinGroups() {
    if (std::exchange(groupsJoined_, true)) return;
    for (const auto group : kSsdpGroup6)
        add(openSearchSocket6(loop_, lan_.interface, parseIpv6Address(group).value()),
            SearchKind::Multicast, Ipv6Address{});
}

/// One copy now and a second soon; from then on in time before they age.
void SearchResponder::planAdvertisement(Clock::duration within) {
    for (const auto& socket : sockets_) advertise("ssdp:alive", socket);
    advertisement_.expires_after(within);
    advertisement_.async_wait([this](boost::system::error_code error) {
        std::uniform_int_distribution<std::chrono::milliseconds::rep> jitter{0, kJitter.count()};
        if (!error) planAdvertisement(kInterval - std::chrono::milliseconds{jitter(random_)});
    });
}

/// Each address of IPv6, and of IPv4 one of each network: libupnp advertises the first one, and the
/// others in its network (a /32 has none of its own) would tell the same hosts the same again.
bool SearchResponder::advertises(const IpAddress& own) const {
    const auto* const four = std::get_if<Ipv4Address>(&own);
    if (four == nullptr) return true;
    for (const Ipv4Prefix& each : lan_.addresses) {
        if (each.address == *four) return *four != first_ && each.length < 32;
        if (each.contains(*four)) return false;
    }
    return false;
}

void SearchResponder::advertise(std::string_view kind, const SocketPointer& from) {
    if (from->kind == SearchKind::Multicast || !advertises(from->own)) return;
    const Group group = groupFor(from->own);
    const unsigned scope = ::if_nametoindex(lan_.interface.text().c_str());
    const UdpEndpoint to{asioAddress(group.address, scope), kSsdpPort.value};
    const bool alive = kind == "ssdp:alive";
    for (const auto& row : searchTargets(identity_)) {
        std::string text = fmt::format("NOTIFY * HTTP/1.1\r\nHOST: {}\r\n", group.host);
        if (alive)
            text += fmt::format("CACHE-CONTROL: max-age={}\r\nLOCATION: {}\r\nSERVER: {}\r\n",
                                kMaxAge, locationFor(from->own, false), serverToken());
        text += fmt::format("NT: {}\r\nNTS: {}\r\nUSN: {}\r\n\r\n", row.target, kind, row.usn);
        boost::system::error_code ignored;
        from->socket.send_to(boost::asio::buffer(text), to, 0, ignored);
    }
}

void SearchResponder::stop() {
    for (const auto& socket : sockets_) advertise("ssdp:byebye", socket);
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
    if (!limit_.admits(sender, Clock::now())) return;
    // Who asked one of several addresses of IPv4 waits for an answer from that one.
    const bool wasAsked = from->kind == SearchKind::Unicast && sixOf(from->own) == nullptr;
    if (const auto answering = wasAsked ? from : answersTo(sender))
        plan(*search, from->sender, answering);
}

/// SSDP-MSEARCH-30, -32: our own address is not a searcher either.
bool SearchResponder::belongsHere(const UdpEndpoint& sender) const {
    return sender.port() != 0 && lan_.isHost(senderOf(sender));
}

SearchResponder::SocketPointer SearchResponder::unicastAt(const IpAddress& own) const {
    const auto found = std::ranges::find_if(sockets_, [&](const SocketPointer& socket) {
        return socket->kind == SearchKind::Unicast && socket->own == own;
    });
    return found == sockets_.end() ? nullptr : *found;
}

/// The socket of that one of our addresses which the sender sees as its neighbour's: link-local for
/// a link-local one, else of the same network (SSDP-MSEARCH-34); the first one for a sender behind
/// another router. nullptr: there is none.
SearchResponder::SocketPointer SearchResponder::answersTo(const IpAddress& sender) const {
    const auto* const six = sixOf(sender);
    if (six == nullptr) {
        const auto sees = [&](const Ipv4Prefix& each) {
            return each.contains(std::get<Ipv4Address>(sender)) && unicastAt(each.address);
        };
        const auto own = std::ranges::find_if(lan_.addresses, sees);
        return unicastAt(own == lan_.addresses.end() ? first_ : own->address);
    }
    SocketPointer further;
    for (const Ipv6Prefix& each : lan_.addresses6) {
        auto socket = unicastAt(each.address);
        if (socket == nullptr) continue;
        if (each.contains(*six)) return socket;
        if (!six->isLinkLocal() && !each.address.isLinkLocal() && !further) further = socket;
    }
    return further;
}

void SearchResponder::plan(const Search& search, const UdpEndpoint& to, const SocketPointer& from) {
    const auto answers = igd::answersTo(search.target, identity_);
    log::debug("upnp: {} searches {}: {} answers", toString(senderOf(to)),
               igd::quoted(search.target), answers.size());
    const bool overIpv6 = sixOf(from->own) != nullptr;
    const auto now = Clock::now();
    for (std::size_t place = 0; place < answers.size(); ++place) {
        const auto delay = answerDelay(search.within, overIpv6, place);
        if (delay == AnswerDelay{})
            send({to, answers[place], from});
        else if (pending_.size() < kPending)
            pending_.emplace(now + anyOf(delay), Pending{to, answers[place], from});
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

std::string SearchResponder::locationFor(const IpAddress& own, bool version1) const {
    return fmt::format("http://{}{}", toString(IpEndpoint{own, port_}),
                       version1 ? kVersion1DescriptionPath : kDescriptionPath);
}

void SearchResponder::send(const Pending& pending) {
    const auto from = pending.from.lock();
    if (from == nullptr) return;  // that address is gone
    const auto text = fmt::format(
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age={}\r\nDATE: {}\r\nEXT:\r\nLOCATION: "
        "{}\r\nSERVER: {}\r\n"
        "ST: {}\r\nUSN: {}\r\n\r\n",
        kMaxAge, httpDate(std::time(nullptr)), locationFor(from->own, pending.target.lowered),
        serverToken(), pending.target.target, pending.target.usn);
    boost::system::error_code ignored;  // a full buffer drops it, as any network may
    from->socket.send_to(boost::asio::buffer(text), pending.to, 0, ignored);
}

}  // namespace igd::upnp
