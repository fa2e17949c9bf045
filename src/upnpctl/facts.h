// SPDX-License-Identifier: GPL-2.0-or-later
// `upnpctl check` looks at these facts: the host's interfaces, its settings, its rules, and the
// daemon's answers.
#pragma once

#include "daemon.h"

#include "upnpd/inspect/judge.h"
#include "upnpd/net/ip_address.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igd::ctl {

struct Facts {
    explicit Facts(InterfaceName externalInterface) : external(std::move(externalInterface)) {}

    InterfaceName external;
    std::uint32_t externalIndex = 0;  ///< 0: it does not exist
    std::optional<Ipv4Address> externalAddress;
    std::optional<Ipv4Address> told;  ///< what clients are told; nullopt: not known
    std::string toldFrom;  ///< "configured", or a STUN server; empty: it is the interface's own
    struct Internal {
        InterfaceName interface;
        std::vector<Ipv4Prefix> prefixes;  ///< the first is the one that the daemon announces
        std::optional<Port> httpPort{};    ///< nullopt: no control point is answered there
        /// The daemon cannot open this there, and those have it (empty: not known).
        struct Problem {
            std::string reason;
            std::string holders;
        };
        std::vector<Problem> problems{};
        std::vector<Ipv6Prefix> prefixes6{};  ///< those of the Internet
        std::uint32_t index = 0;              ///< 0: it does not exist
        bool isBridge = false;
    };
    std::vector<Internal> internal;
    bool upnp = true;
    bool portControl = true;      ///< NAT-PMP or PCP
    bool forwards = false;        ///< net.ipv4.ip_forward
    bool forwards6 = false;       ///< net.ipv6.conf.all.forwarding
    bool filtersBridges = false;  ///< net.bridge.bridge-nf-call-iptables
    bool daemonRuns = false;
    std::vector<Json> mappings;
    std::vector<Json> pinholes;
    /// A chain of somebody else in which the daemon may not put its rule.
    struct Refusal {
        std::string chain;
        std::string why;
    };
    std::vector<Refusal> refusals;
    std::shared_ptr<const inspect::Ruleset> rules;  ///< nullptr: may not be read
    /// Returns the text of a rule as its own tool writes it; empty: there is none.
    std::function<std::string(const inspect::Place&)> textOf;
    std::vector<std::string> notes;  ///< what could not be read, and why
};

/// Looks at the host as it is. The interfaces are those that the arguments name.
[[nodiscard]] Facts lookAtHost(const InterfaceName& external,
                               const std::vector<InterfaceName>& internal);

}  // namespace igd::ctl
