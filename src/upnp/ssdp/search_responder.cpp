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

/// As HOST names them (UDA 1.1 annex A).
constexpr std::string_view kGroupHosts[] = {"[FF02::C]:1900", "[FF05::C]:1900"};

using UdpEndpoint = boost::asio::ip::udp::endpoint;

IpAddress senderOf(const UdpEndpoint& endpoint) {
    return addressOf(endpoint.address());
}

const Ipv6Address* sixOf(const IpAddress& address) {
    return std::get_if<Ipv6Address>(&address);
}

}  // namespace

SearchResponder::SearchResponder(boost::asio::io_context& loop, const LanServerConfig& config,
                                 Port port)
    : loop_(loop),
      interface_(config.interface),
      lan_(config.address),
      identity_(config.identity),
      port_(port),
      limit_(config.limits.searchesPerSecondPerPeer, config.limits.searchesPerSecond),
      timer_(loop),
      advertisement_(loop) {
    add(openGroupSearchSocket(loop, interface_), SearchKind::Multicast, lan_.address);
    auto unicast = openUnicastSearchSocket(loop, interface_, lan_.address);
    // Else Asio waits in send_to() for room, as long as the kernel looks for the client's hardware
    // address.
    unicast.non_blocking(true);
    add(std::move(unicast), SearchKind::Unicast, lan_.address);
}

SearchResponder::~SearchResponder() = default;

void SearchResponder::add(UdpSocket socket, SearchKind kind, const IpAddress& own,
                          std::uint8_t prefix) {
    sockets_.push_back(std::make_shared<Socket>(Socket{std::move(socket), kind, own, prefix}));
    if (started_) receive(sockets_.back());
}

void SearchResponder::start() {
    started_ = true;
    for (const auto& socket : sockets_) receive(socket);
    planAdvertisement(kRepeat);
}

// -- IPv6: addresses come and go
// -----------------------------------------------------------------------------

void SearchResponder::setAddresses(const std::vector<Ipv6Prefix>& addresses) {
    std::erase_if(sockets_, [&](const SocketPointer& socket) {
        const auto* const six = sixOf(socket->own);
        if (six == nullptr || socket->kind == SearchKind::Multicast) return false;
        if (std::ranges::find(addresses, *six, &Ipv6Prefix::address) != addresses.end())
            return false;
        boost::system::error_code ignored;
        socket->socket.close(ignored);
        return true;
    });
    for (const Ipv6Prefix& address : addresses) {
        const bool known = std::ranges::any_of(sockets_, [&](const SocketPointer& socket) {
            return socket->own == IpAddress{address.address};
        });
        if (!known) addAddress(address);
    }
}

void SearchResponder::addAddress(const Ipv6Prefix& address) {
    try {
        joinGroups();
        add(openSearchSocket6(loop_, interface_, address.address), SearchKind::Unicast,
            address.address, address.length);
    } catch (const std::system_error& error) {
        return log::warning("upnp: {}: {}", interface_.text(), error.what());
    }
    if (!started_) return;
    advertise("ssdp:byebye", sockets_.back());
    planAdvertisement(kRepeat);
}

void SearchResponder::joinGroups() {
    if (std::exchange(groupsJoined_, true)) return;
    for (const auto group : kSsdpGroup6)
        add(openSearchSocket6(loop_, interface_, parseIpv6Address(group).value()),
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

/// libupnp does so over IPv4.
void SearchResponder::advertise(std::string_view kind, const SocketPointer& from) {
    const auto* const own = sixOf(from->own);
    if (own == nullptr || from->kind == SearchKind::Multicast) return;
    const std::size_t scopeOfGroup = own->isLinkLocal() ? 0 : 1;
    const unsigned scope = ::if_nametoindex(interface_.text().c_str());
    const UdpEndpoint to{asioAddress(parseIpv6Address(kSsdpGroup6[scopeOfGroup]).value(), scope),
                         kSsdpPort.value};
    const bool alive = kind == "ssdp:alive";
    for (const auto& row : searchTargets(identity_)) {
        std::string text =
            fmt::format("NOTIFY * HTTP/1.1\r\nHOST: {}\r\n", kGroupHosts[scopeOfGroup]);
        if (alive)
            text += fmt::format("CACHE-CONTROL: max-age={}\r\nLOCATION: {}\r\nSERVER: {}\r\n",
                                kMaxAge, locationFor(*own, false), serverToken());
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
            if (!error) received(*from, size);
            receive(from);
        });
}

void SearchResponder::received(const Socket& from, std::size_t size) {
    if (!belongsHere(from.sender)) return;
    const auto search = parseSearch({from.buffer.data(), size}, from.kind, from.own);
    if (!search) return;  // mostly other devices' NOTIFYs
    if (!limit_.admits(senderOf(from.sender), Clock::now())) return;
    plan(*search, from.sender);
}

/// SSDP-MSEARCH-30, -32: our own address is not a searcher either.
bool SearchResponder::belongsHere(const UdpEndpoint& sender) const {
    const auto address = senderOf(sender);
    if (sender.port() == 0) return false;
    if (const auto* const four = std::get_if<Ipv4Address>(&address))
        return lan_.isHost(*four) && *four != lan_.address;
    return answersTo(address) != nullptr && answersTo(address)->own != address;
}

/// The socket of that one of our addresses which the sender sees as its neighbour's: link-local for
/// a link-local one, else of the same prefix (SSDP-MSEARCH-34). nullptr: of no network of ours.
SearchResponder::SocketPointer SearchResponder::answersTo(const IpAddress& sender) const {
    const auto* const six = sixOf(sender);
    const auto fits = [&](const SocketPointer& socket) {
        if (socket->kind == SearchKind::Multicast || socket->own.index() != sender.index())
            return false;
        return six == nullptr ||
               Ipv6Prefix{std::get<Ipv6Address>(socket->own), socket->prefix}.contains(*six);
    };
    const auto found = std::ranges::find_if(sockets_, fits);
    return found == sockets_.end() ? nullptr : *found;
}

/// Spread at random over MX less a tenth for the way (SSDP-MSEARCH-16, -17).
void SearchResponder::plan(const Search& search, const UdpEndpoint& to) {
    const auto answers = igd::answersTo(search.target, identity_);
    log::debug("upnp: {} searches {}: {} answers", toString(senderOf(to)),
               igd::quoted(search.target), answers.size());
    const auto from = answersTo(senderOf(to));
    const auto longest = std::chrono::milliseconds{search.within} * 9 / 10;
    std::uniform_int_distribution<std::chrono::milliseconds::rep> delay{0, longest.count()};
    const auto now = Clock::now();
    for (const auto& answer : answers) {
        if (search.within == Seconds{0})
            send({to, answer, from});
        else if (pending_.size() < kPending)
            pending_.emplace(now + std::chrono::milliseconds{delay(random_)},
                             Pending{to, answer, from});
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
