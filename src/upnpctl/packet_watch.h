// SPDX-License-Identifier: GPL-2.0-or-later
// Packets of IPv4 as they pass the router's interfaces, before any rule sees those that come in and
// behind all rules for those that leave.
#pragma once

#include "upnpd/net/ip_endpoint.h"
#include "upnpd/net/port.h"
#include "upnpd/util/time.h"
#include "upnpd/util/unique_fd.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace igd::ctl {

struct PassedPacket {
    std::uint32_t interface = 0;  ///< index
    bool leaves = false;          ///< else it comes in
    Protocol protocol{};
    IpEndpoint source;
    IpEndpoint destination;
    bool resets = false;  ///< TCP says that nobody listens
};

/// Reads an IPv4 packet of TCP or UDP; nullopt: it is none, a later fragment, or cut short.
[[nodiscard]] std::optional<PassedPacket> readPacket(std::span<const std::uint8_t> octets);

class PacketWatch {
public:
    /// Watches TCP and UDP packets from or to one of `ports` (1 to 16 of them), on all interfaces.
    /// Throws std::system_error without CAP_NET_RAW.
    explicit PacketWatch(std::span<const Port> ports);

    /// Returns the next packet; nullopt: none has passed until `end`.
    [[nodiscard]] std::optional<PassedPacket> next(TimePoint end);

private:
    UniqueFd socket_;
};

}  // namespace igd::ctl
