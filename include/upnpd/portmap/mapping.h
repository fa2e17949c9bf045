// SPDX-License-Identifier: GPL-2.0-or-later
// Port mappings of IPv4 as UPnP asks for them and is told of them.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"
#include "upnpd/portmap/error.h"
#include "upnpd/util/time.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// The protocol by which a claim was made: clients', the configuration's, `upnpctl add`.
enum class Origin : std::uint8_t { Igd, NatPmp, Pcp, Static, Admin };
[[nodiscard]] std::string_view name(Origin origin);
/// Returns the name that people know, for the log: "upnp" where name() says "igd".
[[nodiscard]] std::string_view logName(Origin origin);

/// Longest description kept, in octets (IGD-Map-23).
constexpr std::size_t kMaxDescription = 255;

/// Longest name of a client's program kept, in octets.
constexpr std::size_t kMaxAgent = 128;

/// The key names a mapping: there is one internal endpoint for an external port and protocol
/// (igd.md 4.1, row 3).
struct MappingKey {
    Protocol protocol{};
    Port externalPort;
    auto operator<=>(const MappingKey&) const = default;
};

/// "udp 3074"
[[nodiscard]] std::string toString(const MappingKey& key);

/// Returns the same external port of the other protocol (RFC 6886 section 3.3).
[[nodiscard]] constexpr MappingKey companionOf(const MappingKey& key) {
    return {key.protocol == Protocol::Tcp ? Protocol::Udp : Protocol::Tcp, key.externalPort};
}

/// A PCP client proves itself by its nonce (RFC 6887 section 11.1). Nobody else learns it.
using Nonce = std::array<std::uint8_t, 12>;

/// Creates, renews or overwrites a mapping (AddPortMapping). Errors: NotAuthorized, Conflict,
/// PortInUse, QuotaExceeded, TableFull, NoInternalAddress (see `internal`).
struct MappingRequest {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
    /// 0.0.0.0: the address of IPv4 that the host with `client6` has, or without that the requester
    /// itself, which speaks IPv6; NoInternalAddress when none is known.
    Endpoint internal;
    std::optional<Ipv6Address> client6{};  ///< only beside 0.0.0.0
    bool enabled = true;
    std::string description;
    Seconds lease{0};      ///< 0: as long as the configuration says, see `endless`
    bool endless = false;  ///< a lease of 0 has no end: version 1's meaning of it
    IpAddress requester;
    std::string agent{};  ///< what its program calls itself: clean UTF-8, at most kMaxAgent octets
    bool operator==(const MappingRequest&) const = default;
};

/// Asks for the mapping on its external port or, when that one is not free or not permitted, on the
/// nearest that is (AddAnyPortMapping); port 0 is any. The reply is the Port. Errors: as above;
/// TableFull also when no port is left.
struct AnyMappingRequest {
    MappingRequest mapping;
    bool operator==(const AnyMappingRequest&) const = default;
};

/// Errors: NotFound (also for another remote host than the mapping's), NotAuthorized (another
/// client's).
struct ReleaseRequest {
    MappingKey key;
    std::optional<Ipv4Address> remoteHost;
    IpAddress requester;
    bool operator==(const ReleaseRequest&) const = default;
};

/// Mappings of one protocol whose external port is in a range (WANIPConnection:2).
struct RangeRequest {
    Protocol protocol{};
    PortRange ports;
    bool manage = false;  ///< others' mappings too, as far as the policy lets the requester
    IpAddress requester;
    bool operator==(const RangeRequest&) const = default;
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
    bool askedWithoutEnd = false;  ///< its client asked for a lease of 0, whatever it was given
    bool operator==(const MappingView&) const = default;
};

}  // namespace igd
