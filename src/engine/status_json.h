// SPDX-License-Identifier: GPL-2.0-or-later
// The state of the daemon and the settings that it runs with, as upnpctl(8) is told them.
#pragma once

#include "metrics_listener.h"
#include "reloader.h"
#include "repairs.h"

#include "upnpd/config/settings.h"
#include "upnpd/external/external_connection.h"
#include "upnpd/portmap/openings.h"
#include "upnpd/store/lease_store.h"
#include "upnpd/supervisor/front_ends.h"
#include "upnpd/upstream/gateway_above.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace igd {

struct StatusParts {
    Openings& openings;
    const Configuration& configuration;  ///< the one in force
    const Repairs& repairs;
    const Reloader& reloader;
    const FirewallBackend& firewall;
    const ExternalConnection& external;
    std::function<std::vector<FrontEnds::Served>()> served;
    TimePoint since;  ///< the start of the daemon
    std::function<std::optional<MetricsListener::State>()> metrics{};
    std::function<std::optional<AboveView>()> above{};
    std::function<std::optional<LeaseStoreView>()> store{};
    std::function<std::string_view()> role{};  ///< "single", "active" or "standby"

    [[nodiscard]] std::string_view roleNow() const { return role ? role() : "single"; }
};

/// Returns {"protocol": "udp", "address": "192.168.1.1", "port": 5351}.
[[nodiscard]] nlohmann::json socketJson(const SocketName& socket);

/// Returns the members of the answer to `status`.
[[nodiscard]] nlohmann::json statusJson(const StatusParts& parts, TimePoint now);

}  // namespace igd
