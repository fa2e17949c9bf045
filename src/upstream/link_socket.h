// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets of the external interface, whatever the routes say.
#pragma once

#include "above_messages.h"

#include "upnpd/util/unique_fd.h"

namespace igd::above {

/// The link to the gateway above.
struct Link {
    InterfaceName interface;
    Ipv4Address own;
    Ipv4Address gateway;
};

/// Returns a socket of UDP on the interface, at `own` and any port, which is connected to that port
/// of the gateway: packets of others do not arrive. Throws std::system_error.
[[nodiscard]] UniqueFd connectedSocket(const Link& link, Port port);

/// Returns a socket that gets what is sent to 224.0.0.1 and that port on the interface, beside
/// others of this host. Throws std::system_error.
[[nodiscard]] UniqueFd multicastSocket(const Link& link, Port port);

/// Returns a socket of UDP on the interface, at `own` and any port. Throws std::system_error.
[[nodiscard]] UniqueFd datagramSocket(const Link& link);

/// Returns a socket of TCP on the interface, at `own`, not connected yet. Throws
/// std::system_error.
[[nodiscard]] UniqueFd streamSocket(const Link& link);

}  // namespace igd::above
