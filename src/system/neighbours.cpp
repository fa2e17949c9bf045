// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/neighbours.h"

#include "upnpd/util/unique_fd.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netlink/cache.h>
#include <netlink/route/neighbour.h>
#include <netlink/socket.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

namespace igd {
namespace {

struct SocketFree {
    void operator()(nl_sock* socket) const noexcept { nl_socket_free(socket); }
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

using Address = std::unique_ptr<nl_addr, AddressPut>;

Address built(Ipv4Address address) {
    const std::uint32_t value = htonl(address.value());
    return Address{nl_addr_build(AF_INET, &value, sizeof value)};
}

Address built(const Ipv6Address& address) {
    return Address{nl_addr_build(AF_INET6, address.bytes().data(), address.bytes().size())};
}

using Cache = std::unique_ptr<nl_cache, CacheFree>;

/// All that the kernel knows; empty when it cannot be asked.
Cache readNeighbours() {
    const std::unique_ptr<nl_sock, SocketFree> socket{nl_socket_alloc()};
    nl_cache* raw = nullptr;
    if (!socket || nl_connect(socket.get(), NETLINK_ROUTE) < 0 ||
        rtnl_neigh_alloc_cache(socket.get(), &raw) < 0)
        return nullptr;
    return Cache{raw};
}

std::optional<MacAddress> macOf(rtnl_neigh& neighbour) {
    const nl_addr* const link = rtnl_neigh_get_lladdr(&neighbour);
    MacAddress result;
    if (link == nullptr || nl_addr_get_len(link) != result.bytes.size()) return std::nullopt;
    std::memcpy(result.bytes.data(), nl_addr_get_binary_addr(link), result.bytes.size());
    return result;
}

std::optional<MacAddress> macOf(nl_cache* all, int interface, const IpAddress& host) {
    const Address wanted = std::visit([](const auto& address) { return built(address); }, host);
    const std::unique_ptr<rtnl_neigh, NeighbourPut> found{rtnl_neigh_get(all, interface, wanted.get())};
    return found ? macOf(*found) : std::nullopt;
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
    const Cache all = readNeighbours();
    return all ? macOf(all.get(), indexOf(interface), host) : std::nullopt;
}

std::optional<Ipv4Address> ipv4AddressOf(const InterfaceName& interface, const Ipv6Address& host,
                                         std::optional<Ipv4Address> claimed) {
    const auto mac = hardwareAddressOf(interface, host);
    if (!mac) return std::nullopt;
    if (!claimed) return lowestWith(interface, *mac);
    for (int turn = 0; turn < kTurns; ++turn) {
        if (const auto its = hardwareAddressOf(interface, *claimed))
            return its == mac ? claimed : std::nullopt;
        if (turn == 0) lookForHardwareAddress(interface, *claimed);
        std::this_thread::sleep_for(kTurn);
    }
    return std::nullopt;
}

}  // namespace igd
