// SPDX-License-Identifier: GPL-2.0-or-later
// The source address that the kernel gives to what leaves for the Internet: a route may prefer one
// (ip route add default ... src ADDRESS), else it is the one in the gateway's network.
#pragma once

#include "netlink.h"

#include <optional>

namespace igd {

/// Asks the kernel, with a socket of NETLINK_ROUTE, about flows that leave by the interface with
/// that index. Returns nullopt when it says nothing.
[[nodiscard]] std::optional<Ipv4Address> sourceOf(nl_sock& socket, int index);

}  // namespace igd
