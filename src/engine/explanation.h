// SPDX-License-Identifier: GPL-2.0-or-later
// Tells what a client that asks for a port would get by each protocol, and what decides it: a
// line, a quota, another client, a reserved port, a rule of the host.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/portmap/openings.h"

#include <nlohmann/json.hpp>

namespace igd {

/// The internal networks, and who is on them.
struct HostsOfLans {
    const Lans& lans;
    ResolveHost resolve;
};

/// A client asks for a port, for itself.
struct PortQuestion {
    IpAddress client;
    Protocol protocol{};
    Port externalPort;
    Port internalPort;
};

struct ExplanationParts {
    Openings& openings;
    const Configuration& configuration;
    const Lan& lan;  ///< the client's
    const ResolveHost& resolve;
};

/// Returns {"client": ..., "line": "upnpd.conf:41" or null, "permitted": what the lines say,
/// "refusal": SENTENCE or null, "answers": [{"via": "upnp", "action": "AddPortMapping", "granted":
/// true, "external_port": 3074} or {..., "granted": false, "error": "conflict", "reason":
/// SENTENCE}, ...]}, with an answer for each protocol that is served.
[[nodiscard]] nlohmann::json explanationJson(const ExplanationParts& parts,
                                             const PortQuestion& question, TimePoint now);

}  // namespace igd
