// SPDX-License-Identifier: GPL-2.0-or-later
// The protocols (UPnP, NAT-PMP, PCP) need this of the gateway, and nothing more. The engine's port
// mapper stands behind it; the front ends reach it through a channel, tests use a fake.
#pragma once

#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/pinhole.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace igd {

/// The external connection as the kernel shows it at one moment.
struct GatewayStatus {
    std::uint64_t serial = 0;                    ///< a later one has a greater one
    bool linkUp = false;                         ///< carrier present, interface up
    std::optional<Ipv4Address> externalAddress;  ///< nullopt: none, so not connected
    Seconds connectedFor{0};                     ///< 0 while not connected
    std::uint64_t upstreamBitRate = 0;           ///< bit/s; 0: unknown
    std::uint64_t downstreamBitRate = 0;
    std::uint64_t bytesSent = 0;  ///< towards the Internet
    std::uint64_t bytesReceived = 0;
    std::uint64_t packetsSent = 0;
    std::uint64_t packetsReceived = 0;
    std::uint32_t mappingCount = 0;
    std::uint32_t systemUpdateId =
        0;  ///< one more with each change of the list; wraps (IGD-Index-07, -10)

    TimePoint epochStart{};       ///< since when no mapping was lost (RFC 6887 section 8.5)
    bool firewallEnabled = true;  ///< of IPv6 (WANIPv6FirewallControl:1)
    bool inboundPinholeAllowed = true;

    [[nodiscard]] bool connected() const { return linkUp && externalAddress.has_value(); }
    bool operator==(const GatewayStatus&) const = default;
};

class PortMappingService {
public:
    virtual ~PortMappingService() = default;

    /// Creates, renews or overwrites; success means that the rule is in the kernel.
    /// Errors: NotAuthorized, Conflict, PortInUse, QuotaExceeded, Backend. A failure changes
    /// nothing.
    virtual Result<void> addPortMapping(const MappingRequest& request) = 0;

    /// Does the same on the external port asked for or, when that one is not free, on the nearest
    /// that is and that the policy allows; port 0 is any. Returns the port. Errors: as above;
    /// QuotaExceeded also when no port is left.
    virtual Result<Port> addAnyPortMapping(const MappingRequest& request) = 0;

    /// Errors: NotFound (also for another remote host than the mapping's), NotAuthorized (another
    /// client's), Backend.
    virtual Result<void> deletePortMapping(const ReleaseRequest& request) = 0;

    /// All of the range that the requester may end, as one change. Errors: NotFound (none in the
    /// range), NotAuthorized (none of them is his, or the range is not his to manage), Backend.
    virtual Result<void> deletePortMappings(const RangeRequest& request) = 0;

    /// Errors: NotFound, NotAuthorized (not for that requester to read), Backend.
    virtual Result<MappingView> portMapping(const MappingKey& key, Ipv4Address requester) = 0;

    /// In the order in which they were made, without holes. Errors: IndexOutOfRange, NotAuthorized,
    /// Backend.
    virtual Result<MappingView> portMappingAt(std::uint32_t index, Ipv4Address requester) = 0;

    /// Returns the mappings of the range that the requester may read, by external port, `limit` at
    /// most. Errors: NotFound (none), NotAuthorized (as for deletePortMappings), Backend.
    virtual Result<std::vector<MappingView>> portMappings(const RangeRequest& request,
                                                          std::size_t limit) = 0;

    /// Opens or renews. Returns its id. Errors: NotAuthorized, QuotaExceeded, Backend.
    virtual Result<PinholeId> addPinhole(const PinholeRequest& request) = 0;
    /// It ends in `lease` from now. Errors: NotFound, NotAuthorized, Backend.
    virtual Result<void> updatePinhole(PinholeId id, Seconds lease, const IpAddress& requester) = 0;
    /// Errors: NotFound, NotAuthorized, Backend.
    virtual Result<void> deletePinhole(PinholeId id, const IpAddress& requester) = 0;
    /// How many packets it has let pass. Errors: NotFound, NotAuthorized, Backend.
    virtual Result<std::uint64_t> pinholePackets(PinholeId id, const IpAddress& requester) = 0;
    /// How long the firewall remembers a silent flow that began inside. Errors: NotFound (no such
    /// time), Backend.
    virtual Result<Seconds> outboundTimeout(Protocol protocol) = 0;

    /// Errors: Backend.
    virtual Result<GatewayStatus> status() = 0;
};

}  // namespace igd
