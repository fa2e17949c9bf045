// SPDX-License-Identifier: GPL-2.0-or-later
// A host of a LAN as it is known before its request is judged, and the account that it has here.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd {

struct Host {
    IpAddress address;
    std::optional<MacAddress> mac{};  ///< nullopt: the kernel knows no neighbour with that address
    /// Its addresses of IPv4, by its hardware address: lines that name an IPv4 address bind its
    /// IPv6 addresses too.
    std::vector<Ipv4Address> ipv4{};
    bool operator==(const Host&) const = default;
};

/// Returns whether both are one host: by one of its addresses, or by its hardware address.
[[nodiscard]] bool isSameHost(const Host& a, const Host& b);

/// An account names whose quota an opening counts in: a hardware address, or without one the IPv4
/// address or the /64 of IPv6, for a host makes itself as many addresses of a /64 as it likes (RFC
/// 8981).
using Account = std::variant<MacAddress, Ipv4Address, Ipv6Prefix>;

[[nodiscard]] Account accountOf(const Host& host);
/// "00:11:32:aa:bb:cc", "192.168.1.10", "2001:db8:1::/64"
[[nodiscard]] std::string toString(const Account& account);
/// Reads what toString() wrote; nullopt for anything else.
[[nodiscard]] std::optional<Account> parseAccount(std::string_view text);

}  // namespace igd
