// SPDX-License-Identifier: GPL-2.0-or-later
// Messages between engine and front ends: one message a packet of a SOCK_SEQPACKET pair. The engine
// treats whatever a front end sends as a stranger's bytes. No request can carry a claim of the
// administrator's.
#pragma once

#include "upnpd/net/retries.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/lan.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace igd::ipc {

/// Largest message either side sends or accepts, in octets.
constexpr std::size_t kMaxMessage = 32768;

/// Most sockets of one report: those that are open, and those that are not.
constexpr std::size_t kMaxOpen = 256;
constexpr std::size_t kMaxProblems = 64;

/// Most filters of one request: more do not fit into a packet of PCP.
constexpr std::size_t kMaxAskedFilters = 64;

/// Front end to engine. A call that has not been carried out at its deadline is refused and never
/// carried out: see refusalIfLate().
struct Call {
    std::uint64_t id{};  ///< a front end gives none twice
    TimePoint deadline;
    GatewayRequest request;
    bool operator==(const Call&) const = default;
};
/// The front end serves its LAN, or could not: then `error` says why.
struct Started {
    std::uint16_t httpPort{};  ///< 0: UPnP is off
    std::string error;         ///< the first 1024 octets are told
    bool operator==(const Started&) const = default;
};
/// The sockets of the front end as they are now; the first kMaxOpen and kMaxProblems are told.
struct Sockets {
    std::vector<SocketName> open;
    std::vector<SocketProblem> problems;  ///< would be open, and are not
    bool operator==(const Sockets&) const = default;
};
/// The answer to Ping.
struct Pong {
    bool operator==(const Pong&) const = default;
};
/// So many subscriptions to events there are now.
struct Subscribers {
    std::uint32_t count{};
    bool operator==(const Subscribers&) const = default;
};
using ToEngine = std::variant<Call, Started, Sockets, Pong, Subscribers>;

/// Engine to front end.
struct Answer {
    std::uint64_t id{};
    GatewayReply reply;
    bool operator==(const Answer&) const = default;
};
/// The first message: an encoded FrontEndSetup, whose fields belong to the supervisor.
struct Setup {
    std::string settings;
    bool operator==(const Setup&) const = default;
};
struct StatusChanged {
    GatewayStatus status;
    bool operator==(const StatusChanged&) const = default;
};
/// The router's own addresses on the LAN and the networks that are routed over it are these now, as
/// `Lan` has them; at most kMaxNetworks of each are told.
struct AddressesChanged {
    std::vector<Ipv4Prefix> addresses;
    std::vector<Ipv6Prefix> addresses6;
    std::vector<Ipv4Prefix> routed;
    std::vector<Ipv6Prefix> routed6;
    std::uint32_t bootId{};  ///< BOOTID.UPNP.ORG from now on
    bool operator==(const AddressesChanged&) const = default;
};
/// Whoever lives answers it.
struct Ping {
    bool operator==(const Ping&) const = default;
};
/// The log is as talkative as that from now on.
struct DebugMode {
    std::uint8_t mode{};  ///< 0..3
    bool operator==(const DebugMode&) const = default;
};
/// The router is one of a pair: it is the active one until then, and nobody is answered later.
struct MayAnswer {
    TimePoint until;
    bool operator==(const MayAnswer&) const = default;
};
using ToFrontEnd =
    std::variant<Answer, Setup, StatusChanged, AddressesChanged, Ping, DebugMode, MayAnswer>;

/// Returns the octets of `message`; nullopt when the other side would refuse them: a value is not
/// allowed where it stands, or there are more than kMaxMessage octets.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode(const ToEngine& message);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode(const ToFrontEnd& message);

/// Returns the message in `bytes`; nullopt for anything that encode() would not have written.
[[nodiscard]] std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<ToFrontEnd> decodeToFrontEnd(std::span<const std::uint8_t> bytes);

}  // namespace igd::ipc
