// SPDX-License-Identifier: GPL-2.0-or-later
// What must be true before libupnp may be used; each throws std::runtime_error with a sentence that
// says why it is not.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/port.h"

#include <atomic>

namespace igd::upnp {

/// The interface is up, can do multicast and has that address.
void requireAddress(const InterfaceName& interface, Ipv4Address address);

/// A connection to `listener` that is not the gate's is ended by the accept hook, which counts it
/// in `refused`.
void requireRefusal(const Endpoint& listener, const std::atomic<unsigned>& refused);

}  // namespace igd::upnp
