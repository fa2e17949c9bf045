// SPDX-License-Identifier: GPL-2.0-or-later
// Filters decide what the kernel lets through to a socket: classic BPF, and the binding to an
// interface. None of it needs a capability; for TCP sockets, newer kernels (6.18) do not let a
// process without one set a filter.
#pragma once

#include "upnpd/net/interface_name.h"

namespace igd::upnp {

/// The name under which the kernel has what stays in this host. A listener on 127.0.0.1 that is
/// bound to it is out of reach from outside even with route_localnet. (For one on a LAN address it
/// is no way: a local connection to it counts as arriving on the interface that owns the address.)
inline const InterfaceName kLoopback = InterfaceName::parse("lo").value();

/// Nothing at all; UDP only.
[[nodiscard]] bool hearNothing(int fd) noexcept;
/// Receives from that interface and sends to it, whatever the routes say.
[[nodiscard]] bool bindToDevice(int fd, const InterfaceName& interface) noexcept;
/// Multicast of the groups that this socket has joined, and not of those that anyone in the host
/// has.
[[nodiscard]] bool hearOwnGroupsOnly(int fd) noexcept;

}  // namespace igd::upnp
