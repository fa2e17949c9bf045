// SPDX-License-Identifier: GPL-2.0-or-later
// Owning handles of libnl, and its values as ours.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <netlink/cache.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace igd::netlink {

struct Free {
    void operator()(nl_sock* socket) const noexcept { nl_socket_free(socket); }
    void operator()(nl_msg* message) const noexcept { nlmsg_free(message); }
    void operator()(nl_cache* cache) const noexcept { nl_cache_free(cache); }
    void operator()(nl_addr* address) const noexcept { nl_addr_put(address); }
    void operator()(rtnl_link* link) const noexcept { rtnl_link_put(link); }
    void operator()(rtnl_neigh* neighbour) const noexcept { rtnl_neigh_put(neighbour); }
};

using Socket = std::unique_ptr<nl_sock, Free>;
using Message = std::unique_ptr<nl_msg, Free>;
using Cache = std::unique_ptr<nl_cache, Free>;
using Address = std::unique_ptr<nl_addr, Free>;
using Link = std::unique_ptr<rtnl_link, Free>;
using Neighbour = std::unique_ptr<rtnl_neigh, Free>;

/// Throws std::system_error that names `what` when `result` is one of libnl's errors.
inline void check(int result, const char* what) {
    if (result < 0)
        throw std::system_error(EIO, std::generic_category(),
                                std::string{"netlink: "} + what + ": " + nl_geterror(result));
}

/// Returns a socket that speaks to the kernel's network configuration. Throws std::system_error.
inline Socket openSocket() {
    Socket socket{nl_socket_alloc()};
    if (!socket) throw std::bad_alloc{};
    check(nl_connect(socket.get(), NETLINK_ROUTE), "connect");
    return socket;
}

/// Returns `address` as libnl has it; nullptr without memory.
inline Address built(const IpAddress& address) {
    if (const auto* const six = std::get_if<Ipv6Address>(&address))
        return Address{nl_addr_build(AF_INET6, six->bytes().data(), six->bytes().size())};
    const std::uint32_t value = htonl(std::get<Ipv4Address>(address).value());
    return Address{nl_addr_build(AF_INET, &value, sizeof value)};
}

/// Returns the address that `bytes` hold in network order; nullopt when `family` is neither of IP
/// or the length is not its own.
inline std::optional<IpAddress> addressOf(int family, std::span<const std::uint8_t> bytes) {
    Ipv6Address::Bytes six{};
    if (family == AF_INET && bytes.size() == sizeof(std::uint32_t)) {
        std::uint32_t value = 0;
        for (const std::uint8_t byte : bytes) value = value << 8 | byte;
        return Ipv4Address{value};
    }
    if (family != AF_INET6 || bytes.size() != six.size()) return std::nullopt;
    std::memcpy(six.data(), bytes.data(), six.size());
    return Ipv6Address{six};
}

/// Returns the hardware address in `bytes`; nullopt when it is not of Ethernet's length.
inline std::optional<MacAddress> macOf(std::span<const std::uint8_t> bytes) {
    MacAddress mac;
    if (bytes.size() != mac.bytes.size()) return std::nullopt;
    std::memcpy(mac.bytes.data(), bytes.data(), mac.bytes.size());
    return mac;
}

/// Returns the bytes of `address`; none of nullptr.
inline std::span<const std::uint8_t> bytesOf(const nl_addr* address) {
    if (address == nullptr) return {};
    return {static_cast<const std::uint8_t*>(nl_addr_get_binary_addr(address)),
            nl_addr_get_len(address)};
}

/// Returns what attribute `type` of `message`, behind a header of `header` bytes, holds; nothing
/// when it is not there.
inline std::span<const std::uint8_t> attributeOf(nlmsghdr& message, std::size_t header, int type) {
    nlattr* const found = nlmsg_find_attr(&message, static_cast<int>(header), type);
    if (found == nullptr) return {};
    return {static_cast<const std::uint8_t*>(nla_data(found)),
            static_cast<std::size_t>(nla_len(found))};
}

/// Returns the fixed header that `message` begins with; nullopt when it is shorter than that.
template <class Header>
std::optional<Header> headerOf(nlmsghdr& message) {
    Header header{};
    if (nlmsg_datalen(&message) < static_cast<int>(sizeof header)) return std::nullopt;
    std::memcpy(&header, nlmsg_data(&message), sizeof header);
    return header;
}

/// RTM_NEWLINK and RTM_DELLINK say that an interface is called so, or is gone.
struct LinkNews {
    int index;
    std::string_view name;  ///< of the message's own bytes; empty: it is gone
};
inline std::optional<LinkNews> linkNewsOf(nlmsghdr& message) {
    const auto about = headerOf<ifinfomsg>(message);
    if (!about) return std::nullopt;
    // A port that leaves a bridge is told as a link of the bridge's family that is gone.
    if (message.nlmsg_type == RTM_DELLINK && about->ifi_family != AF_UNSPEC) return std::nullopt;
    if (message.nlmsg_type == RTM_DELLINK) return LinkNews{about->ifi_index, {}};
    const auto bytes = attributeOf(message, sizeof(ifinfomsg), IFLA_IFNAME);
    const std::string_view name{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    return LinkNews{about->ifi_index, name.substr(0, name.find('\0'))};
}

}  // namespace igd::netlink
