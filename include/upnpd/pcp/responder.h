// SPDX-License-Identifier: GPL-2.0-or-later
// The responder answers NAT-PMP (RFC 6886) and PCP (RFC 6887): datagrams in, datagrams out. It is
// pure but for the gateway that it is given, and only the loop thread uses it.
#pragma once

#include "upnpd/net/fair_limit.h"
#include "upnpd/portmap/gateway.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace igd::pcp {

/// The largest datagram of PCP, either way, in octets (RFC 6887 section 7).
constexpr std::size_t kMaxDatagram = 1100;

using Bytes = std::vector<std::uint8_t>;
using Datagram = std::span<const std::uint8_t>;

struct ResponderConfig {
    bool natPmp = true;
    bool pcp = true;
    bool hidePrivateAddress =
        false;  ///< NAT-PMP then has no answer with an address that is not public
    std::vector<Ipv6Prefix> thirdParties;  ///< who may use PCP's option THIRD_PARTY
    bool operator==(const ResponderConfig&) const = default;
};

/// The gateway as both protocols tell of it.
struct GatewayState {
    std::optional<Ipv4Address> external;
    TimePoint epochStart;
    bool operator==(const GatewayState&) const = default;
};

struct ResponderParts {
    Gateway& gateway;
    std::function<GatewayState()> state;
    std::function<TimePoint()> now;
};

/// The reason why a datagram got no answer; nullopt: it gets one.
using Dropped = std::optional<std::string_view>;

class Responder {
public:
    using Reply = std::function<void(Bytes)>;

    Responder(ResponderConfig config, ResponderParts parts);

    /// Reads a datagram from the LAN host `host` with the address `source`. `reply` is called once,
    /// at once or when the gateway has answered, unless the datagram is dropped. Nothing is called
    /// after the end of this object.
    [[nodiscard]] Dropped receive(Datagram datagram, const IpAddress& source, const HostKey& host,
                                  Reply reply);

private:
    ResponderConfig config_;
    ResponderParts parts_;
    /// Limits failed searches for a free port (PCP-PF-07).
    FairLimit probes_;
};

/// Returns the seconds since the epoch began.
[[nodiscard]] std::uint32_t epochTime(TimePoint epochStart, TimePoint now);

/// Returns the address response that NAT-PMP multicasts (RFC 6886 section 3.2.1).
[[nodiscard]] Bytes natPmpAnnouncement(Ipv4Address external, std::uint32_t epoch);
/// Returns the ANNOUNCE that PCP multicasts (RFC 6887 section 14.1.3).
[[nodiscard]] Bytes pcpAnnouncement(std::uint32_t epoch);

}  // namespace igd::pcp
