// SPDX-License-Identifier: GPL-2.0-or-later
// A port mapping, what is asked of it and what can go wrong: the words that all protocols share.
#pragma once

#include "upnpd/net/port.h"
#include "upnpd/portmap/peer_filter.h"
#include "upnpd/util/time.h"

#include <tl/expected.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Why a request is refused. Each protocol turns this into its own code in one switch without
/// default.
enum class MappingError : std::uint8_t {
    NotAuthorized,      ///< the policy forbids it: ports, or a host other than the requester
    Conflict,           ///< another client holds the external port
    PortInUse,          ///< the router itself uses the external port, or it is reserved
    QuotaExceeded,      ///< the requester has as many mappings as it may
    TableFull,          ///< there are as many mappings as there may be, or no external port is left
    NoExternalAddress,  ///< there is nothing to map at present
    TooManyFilters,     ///< more remote peers than a mapping can tell apart
    NotFound,           ///< no such mapping
    IndexOutOfRange,    ///< fewer mappings than that
    Backend,            ///< the firewall refused, or the engine is out of reach
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

/// What makes a mapping one: there is one internal endpoint for an external port and protocol
/// (igd.md 4.1, row 3).
struct MappingKey {
    Protocol protocol{};
    Port externalPort;
    auto operator<=>(const MappingKey&) const = default;
};

/// "udp 3074"
[[nodiscard]] std::string toString(const MappingKey& key);

/// The same external port of the other protocol (RFC 6886 section 3.3).
[[nodiscard]] constexpr MappingKey companionOf(const MappingKey& key) {
    return {key.protocol == Protocol::Tcp ? Protocol::Udp : Protocol::Tcp, key.externalPort};
}

/// What a PCP client proves itself by (RFC 6887 section 11.1). It is told to nobody.
using Nonce = std::array<std::uint8_t, 12>;

/// UPnP's share in a mapping that NAT-PMP or PCP has made: it stays until both leases have ended.
struct IgdShare {
    std::optional<TimePoint> expiresAt;  ///< nullopt: no end
    bool operator==(const IgdShare&) const = default;
};

struct Mapping {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;  ///< nullopt: any, or those of `filters`
    Endpoint internal;
    bool enabled = true;
    std::string description;             ///< clean UTF-8, at most kMaxDescription octets
    std::optional<TimePoint> expiresAt;  ///< of `origin`'s lease; nullopt: no end
    Ipv4Address requester;               ///< who asked; the client, once it has asked itself
    Origin origin{};
    std::optional<Nonce> nonce{};       ///< of PCP's
    std::vector<PeerFilter> filters{};  ///< of IPv4; only without a remote host. Empty: any
    std::optional<IgdShare> igdShare{};
    bool operator==(const Mapping&) const = default;
};

/// When nobody holds it any more; nullopt: never.
[[nodiscard]] std::optional<TimePoint> endOf(const Mapping& mapping);

/// The mapping once the leases on it that end by `now` are over; nullopt when none is left.
[[nodiscard]] std::optional<Mapping> heldAt(const Mapping& mapping, TimePoint now);

/// All of its remote peers, a single host among them. Empty: any.
[[nodiscard]] std::vector<PeerFilter> filtersOf(const Mapping& mapping);
/// The same the other way: one host with any port becomes the remote host, which UPnP can tell.
void setFilters(Mapping& mapping, std::vector<PeerFilter> filters);

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

/// Mappings of one protocol whose external port is in a range (WANIPConnection:2, NewManage and
/// all).
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
    Origin origin{};
    bool operator==(const MappingView&) const = default;
};

[[nodiscard]] MappingView viewOf(const Mapping& mapping, TimePoint now);

}  // namespace igd
