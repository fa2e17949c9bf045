// SPDX-License-Identifier: GPL-2.0-or-later
// A HostKey names a host for everything that is counted by host. It is the hardware address where
// that is known, so that twenty addresses of one host are one host; otherwise the IPv4 address or
// the /64 of IPv6, for a host makes itself as many addresses of a /64 as it likes (RFC 8981).
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace igd {

using HostKey = std::variant<MacAddress, Ipv4Address, Ipv6Prefix>;

/// Returns the key of the host with `address` and the hardware address `mac`, if that is known.
[[nodiscard]] HostKey hostKeyOf(const IpAddress& address, const std::optional<MacAddress>& mac);

/// Returns whether the host is a neighbour whose hardware address is known.
[[nodiscard]] inline bool isNeighbour(const HostKey& key) {
    return std::holds_alternative<MacAddress>(key);
}

/// Returns a hash that nobody can foresee who does not know `seed`.
[[nodiscard]] std::uint64_t hashOf(const HostKey& key, std::uint64_t seed);

/// Returns "00:11:32:aa:bb:cc", "192.168.1.10", "2001:db8:1::/64".
[[nodiscard]] std::string toString(const HostKey& key);

}  // namespace igd
