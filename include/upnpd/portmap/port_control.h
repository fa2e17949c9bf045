// SPDX-License-Identifier: GPL-2.0-or-later
// NAT-PMP (RFC 6886) and PCP (RFC 6887) need this of the gateway. Unlike UPnP's their clients name
// the internal endpoint and take whatever external one they get; a refusal says for how long it
// holds.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/peer_filter.h"

#include <optional>
#include <string>
#include <vector>

namespace igd {

/// A lifetime that has no end, as the administrator's mappings have it (RFC 6887 section 15).
constexpr Seconds kForever{0xffffffff};

/// MAP, and NAT-PMP's mapping request. With a client of IPv6 it is a pinhole. The answer is a
/// PortGrant. Errors: NotAuthorized (also another nonce), Conflict (the exact one is not to be
/// had), QuotaExceeded, TableFull, NoExternalAddress, TooManyFilters.
struct PortRequest {
    Protocol protocol{};
    IpAddress client;  ///< the requester, or whom THIRD_PARTY names
    Port internalPort;
    Port suggestedPort;                         ///< 0: any
    std::optional<IpAddress> suggestedAddress;  ///< nullopt: any
    /// PORT_SET (RFC 7753): so many ports from `internalPort` on, or fewer. 1: one port alone.
    std::uint16_t portCount = 1;
    bool keepsParity = false;  ///< an even internal port gets an even external one
    bool exact = false;        ///< the suggested one and all of them, or none (PREFER_FAILURE)
    Seconds lifetime{0};       ///< above 0
    IpAddress requester;
    Origin origin{};
    std::optional<Nonce> nonce;  ///< of PCP
    bool dropFilters = false;    ///< the filters so far go before `filters` come
    std::vector<PeerFilter> filters;
    std::string description;
    bool operator==(const PortRequest&) const = default;
};

/// MAP and NAT-PMP's mapping request with a lifetime of 0. With port 0 it ends what it may and
/// succeeds. Errors: NotAuthorized.
struct PortRelease {
    std::optional<Protocol> protocol;  ///< nullopt: all
    IpAddress client;
    Port internalPort;   ///< 0: all
    bool isSet = false;  ///< PORT_SET is there, without which no set ends
    IpAddress requester;
    Origin origin{};
    std::optional<Nonce> nonce;
    bool operator==(const PortRelease&) const = default;
};

/// PEER (RFC 6887 section 12): a flow that the client begins. Errors: as PortRequest.
struct PeerRequest {
    Protocol protocol{};
    IpAddress client;
    Port internalPort;
    IpAddress remote;
    Port remotePort;
    Port suggestedPort;                         ///< 0: any
    std::optional<IpAddress> suggestedAddress;  ///< nullopt: any
    Seconds lifetime{0};
    IpAddress requester;
    Nonce nonce{};
    bool operator==(const PeerRequest&) const = default;
};

struct PortGrant {
    Port externalPort;
    IpAddress externalAddress;
    Seconds lifetime{0};
    /// The set, for who has asked for one: `externalPort` is its first external port, and this its
    /// first internal one. 1: one port alone.
    std::uint16_t portCount = 1;
    Port firstInternalPort{};
    bool operator==(const PortGrant&) const = default;
};

struct PortRefusal {
    MappingError error{};
    Seconds lifetime{0};   ///< of the mapping that stands in the way; 0: not known
    Port externalPort{0};  ///< of the requester's own mapping that stays
    bool operator==(const PortRefusal&) const = default;
};

using PortAnswer = tl::expected<PortGrant, PortRefusal>;

[[nodiscard]] inline auto refuse(MappingError error, Seconds lifetime = Seconds{0},
                                 Port port = Port{0}) {
    return tl::unexpected<PortRefusal>(PortRefusal{error, lifetime, port});
}

}  // namespace igd
