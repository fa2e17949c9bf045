// SPDX-License-Identifier: GPL-2.0-or-later
// The headers that answers to searches and NOTIFYs have in common.
#pragma once

#include "upnpd/igd/service_model.h"
#include "upnpd/net/ip_endpoint.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace igd::upnp {

/// Seconds for which what is told holds (CACHE-CONTROL).
constexpr int kMaxAge = 1800;

/// Returns the URL of the description of one tree at that end of the gate.
[[nodiscard]] inline std::string locationOf(const IpEndpoint& gate, Profile profile) {
    return fmt::format("http://{}{}", toString(gate), descriptionPath(profile));
}

/// Returns the two headers by which a control point knows that the device has started anew, or has
/// other documents.
[[nodiscard]] inline std::string runHeaders(std::uint32_t bootId, std::uint32_t configId) {
    return fmt::format("BOOTID.UPNP.ORG: {}\r\nCONFIGID.UPNP.ORG: {}\r\n", bootId, configId);
}

}  // namespace igd::upnp
