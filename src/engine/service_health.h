// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets that a front end has show which protocol is served now on its interface.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/supervisor/front_ends.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Whether one protocol is served by each family; nullopt: nobody would have it there.
struct ServiceHealth {
    std::string_view service;  ///< "http", "ssdp", "nat-pmp" or "pcp"
    std::optional<bool> ipv4;
    std::optional<bool> ipv6;
    bool operator==(const ServiceHealth&) const = default;
};

/// Returns those that are switched on.
[[nodiscard]] std::vector<ServiceHealth> healthOf(const FrontEnds::Served& lan,
                                                  const Configuration& configuration);

/// Returns "igd 1 (2 for who asks), nat-pmp, pcp". A protocol is left out that no interface serves
/// although one could.
[[nodiscard]] std::string protocolsOf(const Configuration& configuration,
                                      const std::vector<FrontEnds::Served>& lans);

}  // namespace igd
