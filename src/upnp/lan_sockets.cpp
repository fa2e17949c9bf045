// SPDX-License-Identifier: GPL-2.0-or-later
#include "lan_sockets.h"

#include "socket_filter.h"
#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace igd::upnp {
namespace {

constexpr std::uint16_t kFirstFreePort = 49152;
constexpr int kBacklog = 128;

[[noreturn]] void fail(const std::string& what, int error = errno) {
    throw std::system_error{error, std::generic_category(), what};
}

UniqueFd open(int type, std::string_view what) {
    UniqueFd socket{::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
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

void requireDevice(int fd, const InterfaceName& interface) {
    if (!bindToDevice(fd, interface)) fail(fmt::format("a socket cannot be bound to {}", interface.text()));
}

/// Empty when the port is taken.
UniqueFd tryListen(const InterfaceName& interface, Ipv4Address address, std::uint16_t port) {
    const auto what = fmt::format("TCP port {} of {} ({})", port, toString(address), interface.text());
    auto socket = open(SOCK_STREAM, what);
    requireDevice(socket.get(), interface);
    if (bindTo(socket.get(), address, port) && ::listen(socket.get(), kBacklog) == 0) return socket;
    if (errno != EADDRINUSE) fail("cannot listen on " + what);
    return {};
}

UniqueFd firstFree(const InterfaceName& interface, Ipv4Address address) {
    for (unsigned port = kFirstFreePort; port <= 0xffff; ++port) {
        if (auto socket = tryListen(interface, address, static_cast<std::uint16_t>(port))) return socket;
    }
    fail(fmt::format("no TCP port from {} of {} is free", kFirstFreePort, toString(address)), EADDRINUSE);
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

Acceptor handOverListener(boost::asio::io_context& loop, UniqueFd socket) {
    Acceptor result{loop};
    result.assign(boost::asio::ip::tcp::v4(), socket.get());
    static_cast<void>(socket.release());
    return result;
}

}  // namespace

Acceptor listenOnLan(boost::asio::io_context& loop, const InterfaceName& interface, Ipv4Address address,
                     std::uint16_t port) {
    auto socket = port == 0 ? firstFree(interface, address) : tryListen(interface, address, port);
    if (!socket)
        fail(fmt::format("TCP port {} of {} ({}) is taken by another program; listenport chooses another",
                         port, toString(address), interface.text()),
             EADDRINUSE);
    return handOverListener(loop, std::move(socket));
}

Acceptor listenForThisHost(boost::asio::io_context& loop, const InterfaceName& interface,
                           Ipv4Address address) {
    const auto what = fmt::format("events on {}", toString(address));
    auto socket = open(SOCK_STREAM, what);
    requireDevice(socket.get(), interface);
    if (!bindTo(socket.get(), address, 0) || ::listen(socket.get(), kBacklog) != 0)
        fail("cannot listen for " + what);
    return handOverListener(loop, std::move(socket));
}

UdpSocket openGroupSearchSocket(boost::asio::io_context& loop, const InterfaceName& interface) {
    auto socket = openSearchSocket(interface, kSsdpGroup);
    ip_mreqn membership{};
    membership.imr_multiaddr.s_addr = htonl(kSsdpGroup.value());
    membership.imr_ifindex = static_cast<int>(::if_nametoindex(interface.text().c_str()));
    if (::setsockopt(socket.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) != 0)
        fail(fmt::format("{} cannot join {}", interface.text(), toString(kSsdpGroup)));
    return handOver(loop, std::move(socket));
}

UdpSocket openUnicastSearchSocket(boost::asio::io_context& loop, const InterfaceName& interface,
                                  Ipv4Address address) {
    auto socket = openSearchSocket(interface, address);
    const int hops = 2;
    if (::setsockopt(socket.get(), IPPROTO_IP, IP_TTL, &hops, sizeof hops) != 0)
        fail("the life of search answers cannot be set");
    return handOver(loop, std::move(socket));
}

}  // namespace igd::upnp
