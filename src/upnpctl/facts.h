// SPDX-License-Identifier: GPL-2.0-or-later
// `upnpctl check` looks at these facts: the host's interfaces, its settings, its rules, and the
// daemon's answers.
#pragma once

#include "daemon.h"

#include "upnpd/inspect/judge.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igd::ctl {

struct Facts {
    explicit Facts(InterfaceName externalInterface) : external(std::move(externalInterface)) {}

    InterfaceName external;
    bool externalExists = false;
    std::optional<Ipv4Address> externalAddress;
    std::optional<Ipv4Address> told;  ///< what clients are told; nullopt: not known
    std::string toldFrom;  ///< "configured", or a STUN server; empty: it is the interface's own
    struct Internal {
        InterfaceName interface;
        std::vector<Ipv4Prefix> prefixes;  ///< the first is the one that the daemon announces
        std::optional<Port> httpPort;      ///< nullopt: no control point is answered there
        /// The daemon cannot open this there, and those have it (empty: not known).
        struct Problem {
            std::string reason;
            std::string holders;
        };
        std::vector<Problem> problems{};
    };
    std::vector<Internal> internal;
    bool upnp = true;
    bool portControl = true;  ///< NAT-PMP or PCP
    bool forwards = false;    ///< net.ipv4.ip_forward
    bool daemonRuns = false;
    std::vector<Json> mappings;
    std::optional<inspect::Ruleset> rules;  ///< nullopt: may not be read
    std::vector<std::string> notes;         ///< what could not be read, and why
    bool bothFirewalls = false;             ///< rules of legacy iptables beside nftables'
};

/// Looks at the host as it is. The interfaces are those that the arguments name.
[[nodiscard]] Facts lookAtHost(const InterfaceName& external,
                               const std::vector<InterfaceName>& internal);

}  // namespace igd::ctl
