// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upnp/notifier.h"

#include "http/http_message.h"
#include "sockets/lan_sockets.h"
#include "ssdp/ssdp_text.h"

#include "upnpd/upnp/socket_filter.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd {
namespace {

using namespace upnp;

constexpr int kHops4 = 2;  // UDA 1.1 section 1.1.2
constexpr int kHopsOnLink = 1;
constexpr int kHopsOnSite = 10;  // UDA 1.1 annex A
/// A host that missed a byebye in a burst gets the second one after it.
constexpr std::chrono::milliseconds kBetweenByebyes{20};
constexpr std::chrono::milliseconds kBetweenAnnouncements{100};  // as libupnp's

const Ipv6Address* sixOf(const IpAddress& address) {
    return std::get_if<Ipv6Address>(&address);
}

/// From a link-local address no further than the link.
std::string_view group6For(const Ipv6Address& own) {
    return kSsdpGroup6[own.isLinkLocal() ? 0 : 1];
}

std::string_view hostFor(const IpAddress& own) {
    const auto* const six = sixOf(own);
    if (six == nullptr) return "239.255.255.250:1900";
    return six->isLinkLocal() ? "[FF02::C]:1900" : "[FF05::C]:1900";
}

sockaddr_in asSocketAddress(Ipv4Address address, Port port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port.value);
    result.sin_addr.s_addr = htonl(address.value());
    return result;
}

sockaddr_in6 asSocketAddress(const Ipv6Address& address, Port port, unsigned interface) {
    sockaddr_in6 result{};
    result.sin6_family = AF_INET6;
    result.sin6_port = htons(port.value);
    std::memcpy(&result.sin6_addr, address.bytes().data(), address.bytes().size());
    if (address.isLinkLocal() || address.isMulticast()) result.sin6_scope_id = interface;
    return result;
}

template <class Value>
bool set(int fd, int level, int option, const Value& value) {
    return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool prepare(int fd, Ipv4Address own, unsigned interface) {
    ip_mreqn out{};
    out.imr_address.s_addr = htonl(own.value());
    out.imr_ifindex = static_cast<int>(interface);
    const sockaddr_in source = asSocketAddress(own, Port{0});
    return set(fd, IPPROTO_IP, IP_MULTICAST_IF, out) &&
           set(fd, IPPROTO_IP, IP_MULTICAST_TTL, kHops4) &&
           ::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
}

bool prepare(int fd, const Ipv6Address& own, unsigned interface) {
    const sockaddr_in6 source = asSocketAddress(own, Port{0}, interface);
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface) &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS,
               own.isLinkLocal() ? kHopsOnLink : kHopsOnSite) &&
           ::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
}

/// Sends `text` to the group of `own`, which is the socket's own address.
bool sendFrom(int fd, const IpAddress& own, unsigned interface, std::string& text) {
    sockaddr_storage to{};
    socklen_t length = sizeof(sockaddr_in);
    if (const auto* const six = sixOf(own)) {
        const auto group =
            asSocketAddress(parseIpv6Address(group6For(*six)).value(), kSsdpPort, interface);
        length = sizeof group;
        std::memcpy(&to, &group, length);
    } else {
        const auto group = asSocketAddress(kSsdpGroup, kSsdpPort);
        std::memcpy(&to, &group, length);
    }
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = length;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    return ::sendmsg(fd, &message, MSG_NOSIGNAL) >= 0;
}

}  // namespace

std::vector<IpAddress> advertisedAddresses(const Lan& lan) {
    std::vector<IpAddress> advertised;
    for (std::size_t i = 0; i < lan.addresses.size(); ++i) {
        const Ipv4Prefix& own = lan.addresses[i];
        bool told = i != 0 && own.length == 32;  // it has no network of its own
        for (std::size_t j = 0; j < i; ++j) told = told || lan.addresses[j].contains(own.address);
        if (!told) advertised.emplace_back(own.address);
    }
    for (const Ipv6Prefix& own : lan.addresses6) advertised.emplace_back(own.address);
    return advertised;
}

Notifier::Notifier(Presence presence)
    : presence_(std::move(presence)),
      interface_(::if_nametoindex(presence_.lan.interface.text().c_str())) {
    for (const IpAddress& own : advertisedAddresses(presence_.lan)) open(own);
}

void Notifier::open(const IpAddress& own) {
    const auto* const six = sixOf(own);
    UniqueFd socket{::socket(six != nullptr ? AF_INET6 : AF_INET,
                             SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const bool ready =
        socket && bindToDevice(socket.get(), presence_.lan.interface) &&
        (six != nullptr ? prepare(socket.get(), *six, interface_)
                        : prepare(socket.get(), std::get<Ipv4Address>(own), interface_));
    if (!ready)
        return log::debug("upnp: nothing is advertised from {}: {}", toString(own),
                          std::strerror(errno));
    sources_.push_back({std::move(socket), own});
}

std::string Notifier::text(const Notice& notice, const IpAddress& own) const {
    std::string text = fmt::format("NOTIFY * HTTP/1.1\r\nHOST: {}\r\n", hostFor(own));
    if (notice.alive)
        text += fmt::format("CACHE-CONTROL: max-age={}\r\nLOCATION: {}\r\nSERVER: {}\r\n", kMaxAge,
                            locationOf({own, presence_.port}, presence_.profile), serverToken());
    return text + fmt::format("NT: {}\r\nNTS: ssdp:{}\r\nUSN: {}\r\n{}\r\n", notice.target,
                              notice.alive ? "alive" : "byebye", notice.usn,
                              runHeaders(presence_.bootId, presence_.configId));
}

std::size_t Notifier::send(const Notice& notice) const {
    std::size_t left = 0;
    for (const Source& source : sources_) {
        std::string datagram = text(notice, source.own);
        if (sendFrom(source.socket.get(), source.own, interface_, datagram)) ++left;
    }
    return left;
}

void Notifier::sayGoodbye(const std::vector<SearchTarget>& targets) const {
    for (int copy = 0; copy < 2; ++copy) {
        if (copy != 0) std::this_thread::sleep_for(kBetweenByebyes);
        for (const SearchTarget& each : targets)
            static_cast<void>(send({false, each.target, each.usn}));
    }
}

std::size_t Notifier::announce(const std::vector<SearchTarget>& targets) const {
    std::size_t left = 0;
    for (int copy = 0; copy < 2; ++copy) {
        if (copy != 0) std::this_thread::sleep_for(kBetweenAnnouncements);
        for (const SearchTarget& each : targets) {
            left += send({true, each.target, each.usn});
            std::this_thread::sleep_for(kSpread);
        }
    }
    return left;
}

}  // namespace igd
