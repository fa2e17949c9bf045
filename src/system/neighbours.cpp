// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/neighbours.h"

#include "upnpd/util/seat.h"
#include "upnpd/util/unique_fd.h"

#include <netlink/attr.h>
#include <netlink/cache.h>
#include <netlink/msg.h>
#include <netlink/route/neighbour.h>
#include <netlink/socket.h>
#include <tl/expected.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd {
namespace {

struct SocketFree {
    void operator()(nl_sock* socket) const noexcept { nl_socket_free(socket); }
};
struct MessageFree {
    void operator()(nl_msg* message) const noexcept { nlmsg_free(message); }
};
struct CacheFree {
    void operator()(nl_cache* cache) const noexcept { nl_cache_free(cache); }
};
struct AddressPut {
    void operator()(nl_addr* address) const noexcept { nl_addr_put(address); }
};
struct NeighbourPut {
    void operator()(rtnl_neigh* neighbour) const noexcept { rtnl_neigh_put(neighbour); }
};

constexpr int kTurns = 12;
constexpr std::chrono::milliseconds kTurn{25};
/// Each keeps one of libupnp's eleven threads from other hosts.
constexpr int kWaiting = 2;

using Address = std::unique_ptr<nl_addr, AddressPut>;

Address built(Ipv4Address address) {
    const std::uint32_t value = htonl(address.value());
    return Address{nl_addr_build(AF_INET, &value, sizeof value)};
}

Address built(const Ipv6Address& address) {
    return Address{nl_addr_build(AF_INET6, address.bytes().data(), address.bytes().size())};
}

using Socket = std::unique_ptr<nl_sock, SocketFree>;
using Cache = std::unique_ptr<nl_cache, CacheFree>;

/// Not connected when the kernel cannot be asked.
Socket openSocket() {
    Socket socket{nl_socket_alloc()};
    if (socket && nl_connect(socket.get(), NETLINK_ROUTE) < 0) socket.reset();
    return socket;
}

/// All that the kernel knows; empty when it cannot be asked.
Cache readNeighbours() {
    const Socket socket = openSocket();
    nl_cache* raw = nullptr;
    if (!socket || rtnl_neigh_alloc_cache(socket.get(), &raw) < 0) return nullptr;
    return Cache{raw};
}

std::optional<MacAddress> macOf(rtnl_neigh& neighbour) {
    const nl_addr* const link = rtnl_neigh_get_lladdr(&neighbour);
    MacAddress result;
    if (link == nullptr || nl_addr_get_len(link) != result.bytes.size()) return std::nullopt;
    std::memcpy(result.bytes.data(), nl_addr_get_binary_addr(link), result.bytes.size());
    return result;
}

using Neighbour = std::unique_ptr<rtnl_neigh, NeighbourPut>;

std::optional<MacAddress> macOf(nl_cache* all, int interface, nl_addr* host) {
    const Neighbour found{rtnl_neigh_get(all, interface, host)};
    return found ? macOf(*found) : std::nullopt;
}

/// The kernel's answer: a neighbour, or an errno.
using Answer = tl::expected<Neighbour, int>;

Answer parseAnswer(nlmsghdr& header, int size) {
    rtnl_neigh* found = nullptr;
    if (nlmsg_ok(&header, size) == 0) return tl::unexpected{EBADMSG};
    if (header.nlmsg_type == RTM_NEWNEIGH && rtnl_neigh_parse(&header, &found) == 0)
        return Neighbour{found};
    if (header.nlmsg_type != NLMSG_ERROR || nlmsg_datalen(&header) < int{sizeof(nlmsgerr)})
        return tl::unexpected{EBADMSG};
    return tl::unexpected{-static_cast<const nlmsgerr*>(nlmsg_data(&header))->error};
}

/// Of one host: what that costs does not grow with the number of neighbours. Kernels before 5.0 do
/// not know the question.
Answer askFor(int interface, nl_addr* host) {
    const Socket socket = openSocket();
    const std::unique_ptr<nl_msg, MessageFree> question{
        nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_REQUEST)};
    if (!socket || !question) return tl::unexpected{ENOBUFS};
    nl_socket_disable_auto_ack(socket.get());
    ndmsg about{};
    about.ndm_family = static_cast<std::uint8_t>(nl_addr_get_family(host));
    about.ndm_ifindex = interface;
    if (nlmsg_append(question.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0 ||
        nla_put_addr(question.get(), NDA_DST, host) < 0 ||
        nl_send_auto(socket.get(), question.get()) < 0)
        return tl::unexpected{ENOBUFS};
    alignas(nlmsghdr) std::array<char, 4096> answer{};
    const ssize_t size = ::recv(nl_socket_get_fd(socket.get()), answer.data(), answer.size(), 0);
    if (size < 0) return tl::unexpected{errno};
    return parseAnswer(*reinterpret_cast<nlmsghdr*>(answer.data()), static_cast<int>(size));
}

int indexOf(const InterfaceName& interface) {
    return static_cast<int>(::if_nametoindex(interface.text().c_str()));
}

std::optional<Ipv4Address> lowestWith(const InterfaceName& interface, const MacAddress& mac) {
    const Cache all = readNeighbours();
    const int index = indexOf(interface);
    if (!all) return std::nullopt;
    std::optional<Ipv4Address> lowest;
    for (nl_object* object = nl_cache_get_first(all.get()); object != nullptr;
         object = nl_cache_get_next(object)) {
        auto& neighbour = *reinterpret_cast<rtnl_neigh*>(object);
        nl_addr* const address = rtnl_neigh_get_dst(&neighbour);
        if (rtnl_neigh_get_ifindex(&neighbour) != index || address == nullptr ||
            nl_addr_get_family(address) != AF_INET || macOf(neighbour) != mac)
            continue;
        std::uint32_t value = 0;
        std::memcpy(&value, nl_addr_get_binary_addr(address), sizeof value);
        const Ipv4Address candidate{ntohl(value)};
        if (!lowest || candidate < *lowest) lowest = candidate;
    }
    return lowest;
}

constexpr std::uint16_t kDiscard = 9;

sockaddr_in discardOf(Ipv4Address host) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(kDiscard);
    to.sin_addr.s_addr = htonl(host.value());
    return to;
}

sockaddr_in6 discardOf(const Ipv6Address& host, int interface) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(kDiscard);
    std::memcpy(&to.sin6_addr, host.bytes().data(), host.bytes().size());
    if (host.isLinkLocal()) to.sin6_scope_id = static_cast<std::uint32_t>(interface);
    return to;
}

/// Nothing, to the port that throws it away.
template <class SocketAddress>
void sendNothing(const InterfaceName& interface, int family, const SocketAddress& to) {
    const UniqueFd socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const std::string& name = interface.text();
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                     static_cast<socklen_t>(name.size())) == 0)
        (void)::sendto(socket.get(), "", 0, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

}  // namespace

/// The kernel looks for the hardware address of whoever is sent something.
void lookForHardwareAddress(const InterfaceName& interface, const IpAddress& host) {
    if (const auto* const four = std::get_if<Ipv4Address>(&host))
        return sendNothing(interface, AF_INET, discardOf(*four));
    sendNothing(interface, AF_INET6, discardOf(std::get<Ipv6Address>(host), indexOf(interface)));
}

std::optional<MacAddress> hardwareAddressOf(const InterfaceName& interface, const IpAddress& host) {
    const int index = indexOf(interface);
    const Address wanted = std::visit([](const auto& address) { return built(address); }, host);
    if (index == 0 || !wanted) return std::nullopt;
    const auto answer = askFor(index, wanted.get());
    if (answer) return macOf(**answer);
    if (answer.error() == ENOENT) return std::nullopt;
    const Cache all = readNeighbours();
    return all ? macOf(all.get(), index, wanted.get()) : std::nullopt;
}

std::optional<Ipv4Address> ipv4AddressOf(const InterfaceName& interface, const Ipv6Address& host,
                                         std::optional<Ipv4Address> claimed) {
    const auto mac = hardwareAddressOf(interface, host);
    if (!mac) return std::nullopt;
    if (!claimed) return lowestWith(interface, *mac);
    static Seats waiting{kWaiting};
    const auto answer = [&](const MacAddress& its) { return its == *mac ? claimed : std::nullopt; };
    if (const auto its = hardwareAddressOf(interface, *claimed)) return answer(*its);
    lookForHardwareAddress(interface, *claimed);
    const Seat seat{waiting};
    for (int turn = 0; turn < kTurns && seat.isTaken(); ++turn) {
        std::this_thread::sleep_for(kTurn);
        if (const auto its = hardwareAddressOf(interface, *claimed)) return answer(*its);
    }
    return std::nullopt;
}

}  // namespace igd
