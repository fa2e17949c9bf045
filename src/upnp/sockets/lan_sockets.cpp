// SPDX-License-Identifier: GPL-2.0-or-later
#include "sockets/lan_sockets.h"

#include "upnpd/upnp/lan_server.h"
#include "upnpd/upnp/socket_filter.h"
#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace igd::upnp {
namespace {

/// The backlog is as long as the kernel lets it be (net.core.somaxconn): when more connections
/// wait, the kernel drops the next host's SYN, which comes again after a second only. One host may
/// open hundreds at once.
constexpr int kBacklog = SOMAXCONN;

[[noreturn]] void fail(const std::string& what, int error = errno) {
    throw std::system_error{error, std::generic_category(), what};
}

UniqueFd open(int type, std::string_view what, int family = AF_INET) {
    UniqueFd socket{::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        fail(fmt::format("no socket for {}", what));
    return socket;
}

bool bindTo(int fd, Ipv4Address address, std::uint16_t port) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(address.value());
    local.sin_port = htons(port);
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0;
}

unsigned indexOf(const InterfaceName& interface) {
    return ::if_nametoindex(interface.text().c_str());
}

bool bindTo6(int fd, const Ipv6Address& address, std::uint16_t port, unsigned scope) {
    const int on = 1;
    sockaddr_in6 local{};
    local.sin6_family = AF_INET6;
    std::memcpy(&local.sin6_addr, address.bytes().data(), address.bytes().size());
    local.sin6_port = htons(port);
    if (address.isLinkLocal() || address.isMulticast()) local.sin6_scope_id = scope;
    return ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0 &&
           ::bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0;
}

void requireDevice(int fd, const InterfaceName& interface) {
    if (!bindToDevice(fd, interface))
        fail(fmt::format("a socket cannot be bound to {}", interface.text()));
}

/// The connections take TCP_NODELAY from the socket that listens.
bool listenOn(int fd) {
    const int on = 1;
    return ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
           ::listen(fd, kBacklog) == 0;
}

/// Empty when the port is taken.
UniqueFd tryListen(const InterfaceName& interface, const IpAddress& address, std::uint16_t port) {
    const auto what =
        fmt::format("TCP port {} of {} ({})", port, toString(address), interface.text());
    const auto* const six = std::get_if<Ipv6Address>(&address);
    auto socket = open(SOCK_STREAM, what, six != nullptr ? AF_INET6 : AF_INET);
    requireDevice(socket.get(), interface);
    const bool isBound = six != nullptr
                             ? bindTo6(socket.get(), *six, port, indexOf(interface))
                             : bindTo(socket.get(), std::get<Ipv4Address>(address), port);
    if (isBound && listenOn(socket.get())) return socket;
    if (errno != EADDRINUSE) fail("cannot listen on " + what);
    return {};
}

UniqueFd firstFree(const InterfaceName& interface, const IpAddress& address) {
    for (unsigned port = kFirstHttpPort.value; port <= 0xffff; ++port) {
        if (auto socket = tryListen(interface, address, static_cast<std::uint16_t>(port)))
            return socket;
    }
    fail(fmt::format("no TCP port from {} of {} is free", kFirstHttpPort.value, toString(address)),
         EADDRINUSE);
}

UniqueFd openSearchSocket(const InterfaceName& interface, Ipv4Address address) {
    const auto what =
        fmt::format("UDP port {} of {} ({})", kSsdpPort.value, toString(address), interface.text());
    auto socket = open(SOCK_DGRAM, what);
    requireDevice(socket.get(), interface);
    if (!hearOwnGroupsOnly(socket.get()) || !bindTo(socket.get(), address, kSsdpPort.value))
        fail("cannot hear searches on " + what);
    return socket;
}

UdpSocket handOver(boost::asio::io_context& loop, UniqueFd socket) {
    UdpSocket result{loop};
    result.assign(boost::asio::ip::udp::v4(), socket.get());
    static_cast<void>(socket.release());
    return result;
}

}  // namespace

IpAddress addressOf(const boost::asio::ip::address& address) {
    if (address.is_v4()) return Ipv4Address{address.to_v4().to_uint()};
    return normalised(Ipv6Address{address.to_v6().to_bytes()});
}

boost::asio::ip::address asioAddress(const IpAddress& address, unsigned scope) {
    if (const auto* const four = std::get_if<Ipv4Address>(&address))
        return boost::asio::ip::address_v4{four->value()};
    const auto& six = std::get<Ipv6Address>(address);
    return boost::asio::ip::address_v6{six.bytes(),
                                       six.isLinkLocal() || six.isMulticast() ? scope : 0};
}

UdpSocket openSearchSocket6(boost::asio::io_context& loop, const InterfaceName& interface,
                            const Ipv6Address& address) {
    constexpr int kSiteHops = 10;  // UDA 1.1 annex A; on a link there is no way on
    const auto what =
        fmt::format("UDP port {} of {} ({})", kSsdpPort.value, toString(address), interface.text());
    const unsigned index = indexOf(interface);
    auto socket = open(SOCK_DGRAM, what, AF_INET6);
    requireDevice(socket.get(), interface);
    const int hops = address.isLinkLocal() ? 1 : kSiteHops;
    const int off = 0;
    ipv6_mreq membership{};
    std::memcpy(&membership.ipv6mr_multiaddr, address.bytes().data(), address.bytes().size());
    membership.ipv6mr_interface = index;
    const auto set = [&](int option, const auto& value) {
        return ::setsockopt(socket.get(), IPPROTO_IPV6, option, &value, sizeof value) == 0;
    };
    if (!bindTo6(socket.get(), address, kSsdpPort.value, index) || !set(IPV6_MULTICAST_IF, index) ||
        !set(IPV6_MULTICAST_HOPS, hops) || !set(IPV6_MULTICAST_LOOP, off) ||
        (address.isMulticast() && !set(IPV6_JOIN_GROUP, membership)))
        fail("cannot hear searches on " + what);
    UdpSocket result{loop};
    result.assign(boost::asio::ip::udp::v6(), socket.get());
    result.non_blocking(true);
    static_cast<void>(socket.release());
    return result;
}

Acceptor listenOnLan(boost::asio::io_context& loop, const InterfaceName& interface,
                     const IpAddress& address, std::uint16_t port, std::string_view key) {
    auto socket = port == 0 ? firstFree(interface, address) : tryListen(interface, address, port);
    if (!socket)
        fail(fmt::format("TCP port {} of {} ({}) is taken by another program; {} chooses another",
                         port, toString(address), interface.text(), key),
             EADDRINUSE);
    const bool isSix = std::holds_alternative<Ipv6Address>(address);
    Acceptor result{loop};
    result.assign(isSix ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4(), socket.get());
    static_cast<void>(socket.release());
    return result;
}

UdpSocket openGroupSearchSocket(boost::asio::io_context& loop, const InterfaceName& interface) {
    auto socket = openSearchSocket(interface, kSsdpGroup);
    ip_mreqn membership{};
    membership.imr_multiaddr.s_addr = htonl(kSsdpGroup.value());
    membership.imr_ifindex = static_cast<int>(::if_nametoindex(interface.text().c_str()));
    if (::setsockopt(socket.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) !=
        0)
        fail(fmt::format("{} cannot join {}", interface.text(), toString(kSsdpGroup)));
    return handOver(loop, std::move(socket));
}

UdpSocket openUnicastSearchSocket(boost::asio::io_context& loop, const InterfaceName& interface,
                                  Ipv4Address address) {
    auto socket = openSearchSocket(interface, address);
    const int hops = 2;
    const int off = 0;
    ip_mreqn out{};
    out.imr_address.s_addr = htonl(address.value());
    out.imr_ifindex = static_cast<int>(indexOf(interface));
    const auto set = [&](int option, const auto& value) {
        return ::setsockopt(socket.get(), IPPROTO_IP, option, &value, sizeof value) == 0;
    };
    if (!set(IP_TTL, hops) || !set(IP_MULTICAST_TTL, hops) || !set(IP_MULTICAST_IF, out) ||
        !set(IP_MULTICAST_LOOP, off))
        fail("the way of search answers cannot be set");
    UdpSocket result = handOver(loop, std::move(socket));
    // Else Asio waits in send_to() for room, as long as the kernel looks for the client's hardware
    // address.
    result.non_blocking(true);
    return result;
}

}  // namespace igd::upnp
