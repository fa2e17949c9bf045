// SPDX-License-Identifier: GPL-2.0-or-later
// An opening: packets from outside reach an endpoint of a host of the LAN. A port mapping of IPv4,
// a pinhole of IPv6 and a flow that PCP's PEER keeps are one value type.
#pragma once

#include "upnpd/net/ip_endpoint.h"
#include "upnpd/portmap/firewall.h"
#include "upnpd/portmap/host.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/opening_row.h"
#include "upnpd/portmap/peer_filter.h"
#include "upnpd/portmap/pinhole.h"
#include "upnpd/util/time.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace igd {

/// Says how a claim came about, for people; two claims are one whatever their histories.
struct History {
    TimePoint madeAt{};     ///< when it was granted first
    TimePoint renewedAt{};  ///< when it was asked for last
    std::string agent{};    ///< what its client calls itself (User-Agent); clean UTF-8
    friend bool operator==(const History&, const History&) { return true; }
};

/// A protocol's share in an opening: what it was asked for, by whom and for how long. An opening
/// has one claim of each protocol at most and lasts until its last claim has ended.
struct Claim {
    Origin origin{};
    IpAddress requester{};                 ///< who asked; the client, once it has asked itself
    std::optional<TimePoint> expiresAt{};  ///< nullopt: no end
    bool enabled = true;                   ///< UPnP's NewEnabled
    std::vector<PeerFilter> filters{};     ///< empty: any remote host
    std::string description{};             ///< clean UTF-8, at most kMaxDescription octets
    std::optional<Nonce> nonce{};          ///< PCP's
    bool askedWithoutEnd = false;          ///< UPnP's lease of 0, whatever end it was given
    History history{};                     ///< its times are noted when it is staged
    bool operator==(const Claim&) const = default;
};

/// The name tells openings apart. A mapping is known by its external port, whoever it leads to; a
/// pinhole by its internal end and remote; a flow of PEER by both of its ends. Sets of ports that
/// begin alike are told apart by their numbers of ports.
struct OpeningName {
    OpeningKind kind{};
    Protocol protocol{};
    Port externalPort{};    ///< of a mapping
    IpEndpoint internal{};  ///< of a pinhole or a flow
    std::optional<PeerFilter> remote{};
    std::uint16_t portCount = 1;  ///< of a mapping or a pinhole
    auto operator<=>(const OpeningName&) const = default;
};

struct Opening {
    OpeningKind kind{};
    Protocol protocol{};
    Port externalPort{};  ///< 0: none, nothing is translated
    IpEndpoint internal;
    /// A set (RFC 7753) has so many ports in a row, from these two on. PCP alone claims one of more
    /// than one port.
    std::uint16_t portCount = 1;
    /// For a pinhole this is the remote end that UPnP was asked for; for a flow it is the flow's
    /// remote. nullopt: any.
    std::optional<PeerFilter> remote{};
    std::optional<IpAddress>
        flowAddress{};            ///< of a flow of PEER: the external address it began from
    std::vector<Claim> claims{};  ///< never empty in the ledger; the first made it
    std::uint32_t id = 0;         ///< given by the ledger: a later opening has a greater one
    std::optional<PinholeId> pinholeId{};  ///< UPnP's UniqueID, with a claim of UPnP on a pinhole
    Account account{};                     ///< whose quota it counts in
    bool hostSeen = true;  ///< its host was a neighbour once, or is no neighbour at all
    /// When it ends although its claims go on: its host was never seen, or has left the network.
    std::optional<TimePoint> hostDeadline{};

    [[nodiscard]] OpeningName name() const;
    /// The key of a mapping; of a set that of its first port.
    [[nodiscard]] MappingKey key() const { return {protocol, externalPort}; }
    [[nodiscard]] bool isSet() const { return portCount > 1; }
    [[nodiscard]] PortRange externalPorts() const { return portsFrom(externalPort, portCount); }
    [[nodiscard]] PortRange internalPorts() const { return portsFrom(internal.port, portCount); }
    /// The external port of one of internalPorts().
    [[nodiscard]] Port externalOf(Port internalPort) const {
        return portBehind(externalPort, internalPort.value - 0U - internal.port.value);
    }
    [[nodiscard]] const Claim* claimOf(Origin origin) const;
    /// The administrator has made it: no client has a say in it.
    [[nodiscard]] bool isAdministrators() const {
        return claimOf(Origin::Static) != nullptr || claimOf(Origin::Admin) != nullptr;
    }
    /// Adds `claim`, or puts it in the place of the one of its protocol.
    void put(Claim claim);
    void drop(Origin origin);
    /// Some claim lets packets through.
    [[nodiscard]] bool isEnabled() const;
    /// The join of the claims that are enabled; empty: any remote host.
    [[nodiscard]] std::vector<PeerFilter> filters() const;
    /// When its last claim ends; nullopt: never.
    [[nodiscard]] std::optional<TimePoint> end() const;
    /// When the first of its claims ends, or its host's deadline; TimePoint::max(): never.
    [[nodiscard]] TimePoint nextEnd() const;
    /// Seconds until end(); nullopt: no end.
    [[nodiscard]] std::optional<Seconds> remaining(TimePoint now) const;
    bool operator==(const Opening&) const = default;
};

/// The kernel ends a rule this much later than the ledger does, so that it never forestalls the
/// daemon's own, logged end.
constexpr Seconds kKernelGrace{2};

/// Returns what the kernel has to do for `opening`; nullopt when no claim is enabled.
[[nodiscard]] std::optional<Rule> ruleFor(const Opening& opening, TimePoint now);

/// Returns `opening` without the claims that end by `now`; without any claim when all do.
[[nodiscard]] Opening heldAt(Opening opening, TimePoint now);

/// Returns whether `now` differs from `before` in the ends of its claims alone.
[[nodiscard]] bool isRenewal(const Opening& before, const Opening& now);

/// Returns a mapping as UPnP's clients are told of it; a set as one of its ports, `external` or
/// the first one.
[[nodiscard]] MappingView viewOf(const Opening& opening, TimePoint now,
                                 std::optional<Port> external = std::nullopt);

/// "udp 3074 -> 192.168.1.10:3074", "udp 4000-4255 -> 192.168.1.10:4000-4255",
/// "tcp [2001:db8::5]:5000 from any", "udp 192.168.1.10:5000 to 80.1.2.3:53 by 5001"
[[nodiscard]] std::string describe(const Opening& opening);

}  // namespace igd
