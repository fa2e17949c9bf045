// SPDX-License-Identifier: GPL-2.0-or-later
// A host of a LAN as it is known before its request is judged, and the account that it has here.
#pragma once

#include "upnpd/net/host_key.h"

#include <optional>
#include <string_view>
#include <vector>

namespace igd {

struct Host {
    IpAddress address;
    std::optional<MacAddress> mac{};  ///< nullopt: the kernel knows no neighbour with that address
    /// Its addresses of IPv4, by its hardware address, those that have answered just now first:
    /// lines that name an IPv4 address bind its IPv6 addresses too.
    std::vector<Ipv4Address> ipv4{};
    bool operator==(const Host&) const = default;
};

/// Returns whether both are one host: by one of its addresses, or by its hardware address.
[[nodiscard]] bool isSameHost(const Host& a, const Host& b);

/// Returns `host` as IPv4 has it, for which alone there are mappings: under `claimed` when that is
/// one of its addresses, else under the first of them. `host` itself when it speaks IPv4 already or
/// has no known address of it.
[[nodiscard]] Host overIpv4(const Host& host, Ipv4Address claimed);

/// An account names whose quota an opening counts in.
using Account = HostKey;

[[nodiscard]] Account accountOf(const Host& host);
/// Reads what toString() wrote; nullopt for anything else.
[[nodiscard]] std::optional<Account> parseAccount(std::string_view text);

}  // namespace igd
