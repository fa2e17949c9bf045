// SPDX-License-Identifier: GPL-2.0-or-later
// The network that the tests of this room speak of: wan0 with 80.100.100.1, br-lan with
// 192.168.50.0/24.
#pragma once

#include "upnpd/inspect/judge.h"

#include <ostream>

namespace igd::inspect {

inline void PrintTo(const Finding& finding, std::ostream* out) {
    *out << (finding.fate == Fate::Reaches   ? "reaches"
             : finding.fate == Fate::Stopped ? "stopped"
                                             : "unknown")
         << " by " << finding.where << ": " << finding.text;
}

namespace test {

inline const InterfaceName kWan = InterfaceName::parse("wan0").value();
inline const InterfaceName kLan = InterfaceName::parse("br-lan").value();
inline const Lan kLanNet{kLan, parseIpv4Prefix("192.168.50.0/24").value()};
inline const Ipv4Address kWanAddress = parseIpv4Address("80.100.100.1").value();
inline const Endpoint kClient{parseIpv4Address("192.168.50.10").value(), Port{5000}};
inline const Endpoint kInternet{parseIpv4Address("80.100.100.9").value(), Port{50000}};

/// From an Internet host to TCP 40001 of the router, which is translated to kClient unless a rule
/// does it.
inline Finding wayIn(const Ruleset& rules, Protocol protocol = Protocol::Tcp,
                     std::uint16_t port = 40001, const std::optional<Endpoint>& assumed = kClient) {
    return judgeWayIn(rules, {kWan, kWanAddress, kInternet, protocol, Port{port}, assumed},
                      {kLanNet});
}

}  // namespace test
}  // namespace igd::inspect
