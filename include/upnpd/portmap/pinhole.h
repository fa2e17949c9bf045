// SPDX-License-Identifier: GPL-2.0-or-later
// IPv6 pinholes as UPnP asks for them (WANIPv6FirewallControl:1): packets from outside to one port
// of one host pass the router's firewall. Nothing is translated.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"
#include "upnpd/util/time.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace igd {

/// The key names a pinhole: a request with the same key is for the same pinhole (IGD-6FC-07).
struct PinholeKey {
    std::optional<Ipv6Address> remoteHost;  ///< nullopt: any
    std::optional<Port> remotePort;         ///< nullopt: any
    Ipv6Address client;
    Port internalPort;
    Protocol protocol{};
    auto operator<=>(const PinholeKey&) const = default;
};

using PinholeId = std::uint16_t;

/// Opens a pinhole or renews it (AddPinhole). The reply is PinholeOpened. Errors: NotAuthorized,
/// QuotaExceeded.
struct PinholeRequest {
    PinholeKey key;
    Seconds lease{0};
    IpAddress requester;
    std::string agent{};  ///< what its program calls itself: clean UTF-8, at most kMaxAgent octets
    bool operator==(const PinholeRequest&) const = default;
};
/// It ends in `lease` from now. Errors: NotFound, NotAuthorized.
struct PinholeUpdate {
    PinholeId id{};
    Seconds lease{};
    IpAddress requester;
    bool operator==(const PinholeUpdate&) const = default;
};
/// Errors: NotFound, NotAuthorized.
struct PinholeRelease {
    PinholeId id{};
    IpAddress requester;
    bool operator==(const PinholeRelease&) const = default;
};

}  // namespace igd
