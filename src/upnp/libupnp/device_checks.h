// SPDX-License-Identifier: GPL-2.0-or-later
// These conditions must hold before libupnp may be used. Each function throws std::runtime_error
// with a sentence that says why one does not.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/port.h"

#include <atomic>

namespace igd::upnp {

/// Checks that the interface is up, can do multicast and has that address.
void requireAddress(const InterfaceName& interface, Ipv4Address address);

/// Checks that the accept hook ends a connection to `listener`, and counts it in `refused`.
void requireRefusal(const Endpoint& listener, const std::atomic<unsigned>& refused);

}  // namespace igd::upnp
