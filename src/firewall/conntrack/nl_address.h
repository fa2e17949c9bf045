// SPDX-License-Identifier: GPL-2.0-or-later
// libnl's addresses as ours.
#pragma once

#include "upnpd/net/ip_address.h"

#include <netlink/addr.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include <arpa/inet.h>

namespace igd::firewall {

/// Returns nullopt for nullptr, and for what is neither of IPv4 nor of IPv6.
inline std::optional<IpAddress> addressOf(nl_addr* address) {
    if (address == nullptr) return std::nullopt;
    std::uint32_t four = 0;
    if (::nl_addr_get_len(address) == sizeof four) {
        std::memcpy(&four, ::nl_addr_get_binary_addr(address), sizeof four);
        return Ipv4Address{ntohl(four)};
    }
    Ipv6Address::Bytes bytes{};
    if (::nl_addr_get_len(address) != bytes.size()) return std::nullopt;
    std::memcpy(bytes.data(), ::nl_addr_get_binary_addr(address), bytes.size());
    return Ipv6Address{bytes};
}

}  // namespace igd::firewall
