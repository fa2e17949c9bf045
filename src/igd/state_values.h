// SPDX-License-Identifier: GPL-2.0-or-later
// The values of state variables are in one place for actions that read them, for events and for
// queries, which therefore never contradict each other.
#pragma once

#include "upnpd/igd/description.h"
#include "upnpd/portmap/gateway.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Returns nullopt for a variable that has no value of its own and only types an argument
/// (RemoteHost, ...).
[[nodiscard]] std::optional<std::string> stateValue(std::string_view variable,
                                                    const DeviceIdentity& identity,
                                                    const GatewayStatus& status);

/// Returns "uuid:...:WANConnectionDevice:1,urn:upnp-org:serviceId:WANIPConn1".
[[nodiscard]] std::string defaultConnectionService(const DeviceIdentity& identity);

}  // namespace igd
