// SPDX-License-Identifier: GPL-2.0-or-later
// The one service that all protocols (UPnP, NAT-PMP, PCP) need: they ask the gateway, and it
// answers later. The engine stands behind it; the front ends reach it through a channel, tests use
// a fake.
#pragma once

#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/opening_row.h"
#include "upnpd/portmap/pinhole.h"
#include "upnpd/portmap/port_control.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

namespace igd {

/// Most mappings of one reply: they fit into a message to a front end whatever their descriptions.
constexpr std::size_t kMaxListed = 48;

/// The external connection and the openings at one moment.
struct GatewayStatus {
    std::uint64_t serial = 0;                    ///< a later one has a greater one
    bool linkUp = false;                         ///< carrier present, interface up
    std::optional<Ipv4Address> externalAddress;  ///< nullopt: none, so not connected
    std::optional<TimePoint> connectedSince;     ///< nullopt while not connected
    std::uint64_t upstreamBitRate = 0;           ///< bit/s; 0: unknown
    std::uint64_t downstreamBitRate = 0;
    // Only the reply to GetStatus has these counts; in a status that is announced they are 0.
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
    /// Returns for how long there has been a connection at `now`, in whole seconds; 0 without one.
    [[nodiscard]] Seconds connectedFor(TimePoint now) const {
        if (!connectedSince || now < *connectedSince) return Seconds{0};
        return std::chrono::floor<Seconds>(now - *connectedSince);
    }
    bool operator==(const GatewayStatus&) const = default;
};

/// Asks for a MappingView. Errors: NotFound, NotAuthorized (not for that requester to read).
struct FindMapping {
    MappingKey key;
    IpAddress requester;
    bool operator==(const FindMapping&) const = default;
};
/// Asks for a MappingView, counting in the order in which mappings were made, without holes.
/// Errors: IndexOutOfRange, NotAuthorized.
struct MappingAt {
    std::uint32_t index{};
    IpAddress requester;
    bool operator==(const MappingAt&) const = default;
};
/// Ends all of the range that the requester may end, as one change. Errors: NotFound (none in the
/// range), NotAuthorized (none of them is the requester's, or the range is not for it to manage).
struct DeleteMappings {
    RangeRequest range;
    bool operator==(const DeleteMappings&) const = default;
};
/// Asks for MappingViews: the first kMaxListed of the range that the requester may read, by
/// external port. Errors: NotFound (none in the range).
struct ListMappings {
    RangeRequest range;
    bool operator==(const ListMappings&) const = default;
};
/// Asks for the PacketCount of what a pinhole has let pass. Errors: NotFound, NotAuthorized.
struct CountPinhole {
    PinholeId id{};
    IpAddress requester;
    bool operator==(const CountPinhole&) const = default;
};
/// Asks for the Seconds that the firewall remembers a silent flow which began inside. Errors:
/// NotFound (there is no such time).
struct GetOutboundTimeout {
    Protocol protocol = Protocol::Tcp;
    bool operator==(const GetOutboundTimeout&) const = default;
};
/// Asks for a GatewayStatus with fresh counts. It is announced without being asked for, but for
/// these.
struct GetStatus {
    bool operator==(const GetStatus&) const = default;
};
/// Ends an opening for the administrator, who has signed in on the page. Errors: NotFound,
/// NotAuthorized (nobody may act on the page, or the configuration has made the opening, or it is a
/// flow), Backend.
struct CloseOpening {
    std::uint32_t id{};  ///< OpeningRow::id
    IpAddress requester;
    bool operator==(const CloseOpening&) const = default;
};

/// The administrator, who has signed in on the page, says yes to what a host asks for (`approve`),
/// or takes that back, and ends what the host has open. Errors: NotFound (nothing waits for a yes
/// here, or that is no host of the LAN, or there is nothing to take back), NotAuthorized, Backend.
struct ApproveHost {
    IpAddress host;
    bool yes{};
    IpAddress requester;
    bool operator==(const ApproveHost&) const = default;
};

/// A change of an opening, or a question. Those that say no other reply get Done.
using GatewayRequest =
    std::variant<MappingRequest, AnyMappingRequest, ReleaseRequest, DeleteMappings, FindMapping,
                 MappingAt, ListMappings, PinholeRequest, PinholeUpdate, PinholeRelease,
                 CountPinhole, GetOutboundTimeout, GetStatus, PortRequest, PortRelease, PeerRequest,
                 GetRows, GetOverview, GetMetrics, CloseOpening, ApproveHost>;

struct Done {
    bool operator==(const Done&) const = default;
};
struct MappingViews {
    std::vector<MappingView> views;  ///< kMaxListed of them at most
    bool operator==(const MappingViews&) const = default;
};
struct PinholeOpened {
    PinholeId id{};
    bool operator==(const PinholeOpened&) const = default;
};
struct PacketCount {
    std::uint64_t packets{};
    bool operator==(const PacketCount&) const = default;
};

/// The reply to a request. A MappingError says why there is none: one of those that the request
/// names, or Backend (the firewall refused, or the engine is out of reach). NAT-PMP and PCP get a
/// PortRefusal in its place.
using GatewayReply =
    std::variant<Done, MappingView, GatewayStatus, MappingError, Port, MappingViews, PinholeOpened,
                 PacketCount, Seconds, PortGrant, PortRefusal, OpeningRows, Overview, MetricsText>;

/// Returns what `reply` should hold, or its error; Backend for a reply of another kind.
template <class T>
[[nodiscard]] Result<T> resultIn(const GatewayReply& reply) {
    if (const T* const value = std::get_if<T>(&reply)) return *value;
    const MappingError* const error = std::get_if<MappingError>(&reply);
    return fail(error != nullptr ? *error : MappingError::Backend);
}

class Gateway {
public:
    using Answered = std::function<void(const GatewayReply&)>;

    virtual ~Gateway() = default;

    /// Carries out `request` until `deadline`, or never; success means that the rule is in the
    /// kernel, and a failure changes nothing. `answered` is called once in the loop, at once or
    /// later; never when the process ends before.
    virtual void ask(const GatewayRequest& request, TimePoint deadline, Answered answered) = 0;
};

}  // namespace igd
