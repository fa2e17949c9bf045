// SPDX-License-Identifier: GPL-2.0-or-later
// A port mapping, what is asked of it and what can go wrong: the words that all protocols share.
#pragma once

#include "upnpd/net/port.h"
#include "upnpd/util/time.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Why a request is refused. Each protocol turns this into its own code in one switch without default.
enum class MappingError : std::uint8_t {
    NotAuthorized,    ///< the policy forbids it: ports, or a host other than the requester
    Conflict,         ///< another client holds the external port
    PortInUse,        ///< the router itself uses the external port, or it is reserved
    QuotaExceeded,    ///< the requester, or the table, has as many mappings as it may
    NotFound,         ///< no such mapping
    IndexOutOfRange,  ///< fewer mappings than that
    Backend,          ///< the firewall refused, or the engine is out of reach
};

template <class T>
using Result = tl::expected<T, MappingError>;

[[nodiscard]] inline auto fail(MappingError error) {
    return tl::unexpected<MappingError>(error);
}

/// One word for log lines ("conflict").
[[nodiscard]] std::string_view name(MappingError error);

/// By which protocol a mapping was made.
enum class Origin : std::uint8_t { Igd, NatPmp, Pcp, Static };
[[nodiscard]] std::string_view name(Origin origin);

/// Longest description kept, in octets (IGD-Map-23).
constexpr std::size_t kMaxDescription = 255;

/// What makes a mapping one: there is one internal endpoint for an external port and protocol (igd.md 4.1,
/// row 3).
struct MappingKey {
    Protocol protocol{};
    Port externalPort;
    auto operator<=>(const MappingKey&) const = default;
};

/// "udp 3074"
[[nodiscard]] std::string toString(const MappingKey& key);

struct Mapping {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;  ///< nullopt: any
    Endpoint internal;
    bool enabled = true;
    std::string description;             ///< clean UTF-8, at most kMaxDescription octets
    std::optional<TimePoint> expiresAt;  ///< nullopt: no end
    Ipv4Address requester;               ///< who asked
    Origin origin{};
    bool operator==(const Mapping&) const = default;
};

struct MappingRequest {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
    Endpoint internal;
    bool enabled = true;
    std::string description;
    Seconds lease{0};  ///< 0: as long as the configuration says (`duration`)
    Ipv4Address requester;
    Origin origin{};
};

struct ReleaseRequest {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
    Ipv4Address requester;
};

/// Mappings of one protocol whose external port is in a range (WANIPConnection:2, NewManage and all).
struct RangeRequest {
    Protocol protocol{};
    PortRange ports;
    bool manage = false;  ///< others' mappings too, as far as the policy lets the requester
    Ipv4Address requester;
};

/// A mapping as a client is told of it.
struct MappingView {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
    Endpoint internal;
    bool enabled = true;
    std::string description;
    Seconds remainingLease{0};  ///< 0: no end
    bool operator==(const MappingView&) const = default;
};

[[nodiscard]] MappingView viewOf(const Mapping& mapping, TimePoint now);

}  // namespace igd
