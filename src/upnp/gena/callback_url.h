// SPDX-License-Identifier: GPL-2.0-or-later
// The CALLBACK header of a SUBSCRIBE (UDA 1.1 section 4.1.2) is read so strictly that events can go
// nowhere but to the host of the subscriber (CVE-2020-12695). The reader is pure.
#pragma once

#include "upnpd/net/ip_endpoint.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::upnp {

struct CallbackUrl {
    IpEndpoint endpoint;
    std::string target;  ///< path and query, at least "/" (GENA-EVENT-18)
    bool operator==(const CallbackUrl&) const = default;
};

constexpr std::size_t kMaxCallbacks = 8;
constexpr std::size_t kMaxCallbackHeader = 2048;

/// Says whether `address` is another one of the subscriber's host: one that subscribes by IPv6 may
/// listen at its IPv4 address, or at its unique local one.
using IsSameHost = std::function<bool(const IpAddress& subscriber, const IpAddress& address)>;

/// Reads "<http://192.168.1.10:5000/x><...>": 1..8 URLs, all with an address of the subscriber's
/// host in plain form. Returns nullopt for anything else, also when only one of them is wrong
/// (GENA-CALLSTRANGER-02).
[[nodiscard]] std::optional<std::vector<CallbackUrl>> parseCallbacks(std::string_view header,
                                                                     const IpAddress& subscriber,
                                                                     const IsSameHost& isSameHost);

}  // namespace igd::upnp
