// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/neighbours.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netlink/cache.h>
#include <netlink/route/neighbour.h>
#include <netlink/socket.h>

#include <cstring>
#include <memory>

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

using Address = std::unique_ptr<nl_addr, AddressPut>;

Address built(Ipv4Address address) {
    const std::uint32_t value = htonl(address.value());
    return Address{nl_addr_build(AF_INET, &value, sizeof value)};
}

Address built(const Ipv6Address& address) {
    return Address{nl_addr_build(AF_INET6, address.bytes().data(), address.bytes().size())};
}

}  // namespace

std::optional<MacAddress> hardwareAddressOf(const InterfaceName& interface, const IpAddress& host) {
    const std::unique_ptr<nl_sock, SocketFree> socket{nl_socket_alloc()};
    if (!socket || nl_connect(socket.get(), NETLINK_ROUTE) < 0) return std::nullopt;
    nl_cache* raw = nullptr;
    if (rtnl_neigh_alloc_cache(socket.get(), &raw) < 0) return std::nullopt;
    const std::unique_ptr<nl_cache, CacheFree> cache{raw};
    const Address wanted = std::visit([](const auto& address) { return built(address); }, host);
    const int index = static_cast<int>(::if_nametoindex(interface.text().c_str()));
    const std::unique_ptr<rtnl_neigh, NeighbourPut> found{rtnl_neigh_get(cache.get(), index, wanted.get())};
    if (!found) return std::nullopt;
    const nl_addr* const link = rtnl_neigh_get_lladdr(found.get());
    MacAddress result;
    if (link == nullptr || nl_addr_get_len(link) != result.bytes.size()) return std::nullopt;
    std::memcpy(result.bytes.data(), nl_addr_get_binary_addr(link), result.bytes.size());
    return result;
}

}  // namespace igd
