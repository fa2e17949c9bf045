// SPDX-License-Identifier: GPL-2.0-or-later
#include "udp_socket.h"

#include "upnpd/util/send_buffer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd::portcontrol {
namespace {

constexpr Ipv4Address kAllHosts{0xe0000001};  // 224.0.0.1
constexpr std::string_view kAllNodes = "ff02::1";

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

SocketAddress socketAddress(const Peer& peer) {
    SocketAddress result;
    if (const auto* const six = std::get_if<Ipv6Address>(&peer.endpoint.address)) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(peer.endpoint.port.value);
        std::memcpy(&address.sin6_addr, six->bytes().data(), six->bytes().size());
        address.sin6_scope_id = peer.scope;
        std::memcpy(&result.storage, &address, sizeof address);
        result.length = sizeof address;
        return result;
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(peer.endpoint.port.value);
    address.sin_addr.s_addr = htonl(std::get<Ipv4Address>(peer.endpoint.address).value());
    std::memcpy(&result.storage, &address, sizeof address);
    result.length = sizeof address;
    return result;
}

Peer peerOf(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, &storage, sizeof address);
        Ipv6Address::Bytes bytes{};
        std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
        return {{Ipv6Address{bytes}, Port{ntohs(address.sin6_port)}}, address.sin6_scope_id};
    }
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof address);
    return {{Ipv4Address{ntohl(address.sin_addr.s_addr)}, Port{ntohs(address.sin_port)}}};
}

template <class T>
bool set(int fd, int level, int name, const T& value) {
    return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/// Sockets of several addresses share the port.
bool prepare(int fd, bool isSix, const std::string& interface, unsigned index) {
    const bool common = set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
                        ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                                     static_cast<socklen_t>(interface.size())) == 0;
    if (isSix)
        return common && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
               set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) &&
               set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index));
    ip_mreqn out{};
    out.imr_ifindex = static_cast<int>(index);
    return common && set(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
           set(fd, IPPROTO_IP, IP_MULTICAST_IF, out);
}

}  // namespace

/// The socket aside is there first: until it gets nothing, there is no other to take anything from.
UdpSocket::UdpSocket(const InterfaceName& interface, const IpAddress& address)
    : isSix_(std::holds_alternative<Ipv6Address>(address)),
      scope_(::if_nametoindex(interface.text().c_str())) {
    const bool isAny = address == IpAddress{Ipv4Address{}} || address == IpAddress{Ipv6Address{}};
    if (!isAny) aside_ = open(interface, address);
    if (isAny || (aside_ && getsNothing(aside_.get(), address))) fd_ = open(interface, address);
    if (fd_) return;
    throw std::system_error(errno, std::generic_category(),
                            fmt::format("no NAT-PMP and PCP on UDP port {} of {} ({})",
                                        kServerPort.value, toString(address), interface.text()));
}

/// Returns a socket of port 5351; empty with errno when there is none.
UniqueFd UdpSocket::open(const InterfaceName& interface, const IpAddress& address) const {
    UniqueFd fd{
        ::socket(isSix_ ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const SocketAddress own = socketAddress({{address, kServerPort}, scopeOf(address)});
    const bool isOpen = fd && prepare(fd.get(), isSix_, interface.text(), scope_) &&
                        ::bind(fd.get(), own.get(), own.length) == 0;
    return isOpen ? std::move(fd) : UniqueFd{};
}

/// A connected socket gets datagrams of its peer alone, and this one's is the router itself, from
/// port 9, which nobody sends from.
bool UdpSocket::getsNothing(int fd, const IpAddress& own) const {
    constexpr Port kDiscard{9};
    const SocketAddress peer = socketAddress({{own, kDiscard}, scopeOf(own)});
    return ::connect(fd, peer.get(), peer.length) == 0;
}

std::uint32_t UdpSocket::scopeOf(const IpAddress& address) const {
    const auto* const six = std::get_if<Ipv6Address>(&address);
    return six != nullptr && six->isLinkLocal() ? scope_ : 0;
}

std::optional<std::pair<std::span<const std::uint8_t>, Peer>> UdpSocket::receive(
    std::span<std::uint8_t> buffer) const {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const ssize_t size = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&from), &length);
    if (size < 0) return std::nullopt;
    return std::pair{std::span<const std::uint8_t>{buffer.first(static_cast<std::size_t>(size))},
                     peerOf(from)};
}

void UdpSocket::send(std::span<const std::uint8_t> datagram, const Peer& to, Way way) const {
    if (way == Way::Nowhere) return;
    const int fd = way == Way::Straight ? fd_.get() : aside_.get();
    if (way == Way::AsideIfRoom && isHalfFull(fd)) return;
    const SocketAddress address = socketAddress(to);
    static_cast<void>(::sendto(fd, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                               address.get(), address.length));
}

void UdpSocket::multicast(std::span<const std::uint8_t> datagram, Port port) const {
    const IpAddress group =
        isSix_ ? IpAddress{parseIpv6Address(kAllNodes).value()} : IpAddress{kAllHosts};
    send(datagram, {{group, port}, isSix_ ? scope_ : 0});
}

}  // namespace igd::portcontrol
