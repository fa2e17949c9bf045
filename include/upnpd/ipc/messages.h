// SPDX-License-Identifier: GPL-2.0-or-later
// What engine and front ends say to each other: one message a packet of a SOCK_SEQPACKET pair. The
// engine treats whatever a front end sends as a stranger's bytes.
#pragma once

#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/port_control.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace igd::ipc {

/// Largest message either side sends or accepts, in octets.
constexpr std::size_t kMaxMessage = 16384;

/// Most mappings of one list: they fit in a message whatever their descriptions.
constexpr std::size_t kMaxListed = 48;

struct FindMapping {
    MappingKey key;
    Ipv4Address requester;
};
struct MappingAt {
    std::uint32_t index{};
    Ipv4Address requester;
};
struct GetStatus {};
/// `mapping.key.externalPort` may be 0: any.
struct AddAnyMapping {
    MappingRequest mapping;
};
struct DeleteMappings {
    RangeRequest range;
};
/// The first kMaxListed of them.
struct ListMappings {
    RangeRequest range;
};

struct UpdatePinhole {
    PinholeId id{};
    Seconds lease{};
    IpAddress requester;
};
struct DeletePinhole {
    PinholeId id{};
    IpAddress requester;
};
struct CountPinhole {
    PinholeId id{};
    IpAddress requester;
};
struct GetOutboundTimeout {
    Protocol protocol{};
};

/// What a front end may ask. One alternative for each function of PortMappingService and
/// PortControlService.
using Request =
    std::variant<MappingRequest, ReleaseRequest, FindMapping, MappingAt, GetStatus, AddAnyMapping,
                 DeleteMappings, ListMappings, PinholeRequest, UpdatePinhole, DeletePinhole,
                 CountPinhole, GetOutboundTimeout, PortRequest, PortRelease, PeerRequest>;

struct Done {};
using MappingViews = std::vector<MappingView>;
struct PinholeOpened {
    PinholeId id{};
};
struct PacketCount {
    std::uint64_t packets{};
};
using Reply = std::variant<Done, MappingView, GatewayStatus, MappingError, Port, MappingViews,
                           PinholeOpened, PacketCount, Seconds, PortGrant, PortRefusal>;

/// Front end to engine.
struct Call {
    std::uint32_t id{};
    Request request;
};
/// The front end serves its LAN, or could not: then `error` says why.
struct Started {
    std::uint16_t httpPort{};  ///< 0: UPnP is off
    std::string error;
};
using ToEngine = std::variant<Call, Started>;

/// Engine to front end.
struct Answer {
    std::uint32_t id{};
    Reply reply;
};
/// The first message: what the front end is to serve. Its inside belongs to the daemon room.
struct Setup {
    std::string settings;
};
struct StatusChanged {
    GatewayStatus status;
};
/// The router's own addresses on the LAN and the networks that are routed over it are these now, as
/// `Lan` has them, with link-local addresses of IPv6; at most kMaxNetworks of each are told.
struct AddressesChanged {
    std::vector<Ipv4Prefix> addresses;
    std::vector<Ipv6Prefix> addresses6;
    std::vector<Ipv4Prefix> routed;
    std::vector<Ipv6Prefix> routed6;
    bool operator==(const AddressesChanged&) const = default;
};
using ToFrontEnd = std::variant<Answer, Setup, StatusChanged, AddressesChanged>;

/// Most filters of one request: more do not fit into a packet of PCP.
constexpr std::size_t kMaxAskedFilters = 64;

/// Most addresses, and most networks, of one interface that a front end is told of.
constexpr std::size_t kMaxNetworks = 256;

[[nodiscard]] std::vector<std::uint8_t> encode(const ToEngine& message);
[[nodiscard]] std::vector<std::uint8_t> encode(const ToFrontEnd& message);

/// nullopt for anything that encode() would not have written.
[[nodiscard]] std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<ToFrontEnd> decodeToFrontEnd(std::span<const std::uint8_t> bytes);

}  // namespace igd::ipc
