// SPDX-License-Identifier: GPL-2.0-or-later
// Who may map what: the administrator's permission lines, the own-address rule, ports, quotas, leases.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/mapping.h"

#include <optional>
#include <string>
#include <vector>

namespace igd {

/// The internal network that a request came from.
struct Lan {
    InterfaceName interface;
    Ipv4Prefix prefix;  ///< address: the router's own
};

/// `allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS`, as miniupnpd writes them; the first match decides.
struct PermissionRule {
    bool allow = false;
    PortRange externalPorts;
    Ipv4Prefix client;  ///< of the internal client
    PortRange internalPorts;
    std::string origin;  ///< "upnpd.conf:41", for the log
};

struct PolicyConfig {
    bool allowThirdParty = false;  ///< a client may map for another host of its LAN
    std::vector<PermissionRule> permissions;
    /// Refused as in use: SSDP, NAT-PMP and PCP (IGD-Map-15).
    std::vector<Port> reservedPorts{Port{1900}, Port{5350}, Port{5351}};
    std::uint32_t mappingsPerClient = 64;
    std::uint32_t mappingsTotal = 1024;
    Seconds maxLease{604800};
};

/// A refusal, and the sentence for the log that says what decided.
struct Refusal {
    MappingError error{};
    std::string reason;
};

class Policy {
public:
    explicit Policy(PolicyConfig config) : config_(std::move(config)) {}

    /// nullopt when `request`, which came from `lan`, may be granted as far as ports and addresses go.
    /// Errors: NotAuthorized, PortInUse. Behind the administrator's lines stands allow 1024-65535 0.0.0.0/0
    /// 1024-65535.
    [[nodiscard]] std::optional<Refusal> refuses(const MappingRequest& request, const Lan& lan) const;

    /// nullopt when one more mapping fits, with `ofClient` and `total` present already. Errors:
    /// QuotaExceeded.
    [[nodiscard]] std::optional<Refusal> refusesAnother(std::size_t ofClient, std::size_t total) const;

    [[nodiscard]] const PolicyConfig& config() const { return config_; }

private:
    PolicyConfig config_;
};

}  // namespace igd
