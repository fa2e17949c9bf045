// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that the tests of this room speak of.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"

#include <string>
#include <utility>

namespace igd::test {

inline Rule aRule() {
    return {.protocol = Protocol::Udp,
            .externalPort = Port{3074},
            .internal = {Ipv4Address{0xc0a8320a}, Port{3075}}};
}

/// A set of ports of the same client.
inline Rule aSet(std::uint16_t external, std::uint16_t internal, std::uint16_t count) {
    Rule rule = aRule();
    rule.externalPort = Port{external};
    rule.internal.port = Port{internal};
    rule.portCount = count;
    return rule;
}

inline Rule forRemote(Rule rule, std::uint32_t remote) {
    rule.remote = PeerFilter{{mappedAddress(Ipv4Address{remote}), 128}, Port{0}};
    return rule;
}

inline Rule withTimeout(Rule rule, Seconds timeout) {
    rule.timeout = timeout;
    return rule;
}

inline Rule withComment(Rule rule, std::string comment) {
    rule.comment = std::move(comment);
    return rule;
}

inline const Ipv6Address kClient6 = parseIpv6Address("2001:db8::10").value();
inline const Ipv6Address kRemote6 = parseIpv6Address("2001:db8:1::9").value();

inline Rule aPinhole() {
    return {.protocol = Protocol::Udp, .internal = {kClient6, Port{5000}}, .timeout = Seconds{60}};
}

inline Rule forRemote(Rule rule, const PeerFilter& remote) {
    rule.remote = remote;
    return rule;
}

inline Rule withFilters(Rule rule, std::vector<PeerFilter> filters) {
    rule.filters = std::move(filters);
    return rule;
}

/// PEER's, from the client's port 6000 to 80.100.100.9 port 53, outside as 80.1.2.3 port 7000.
inline Rule aFlow() {
    return {.protocol = Protocol::Udp,
            .externalPort = Port{7000},
            .internal = {Ipv4Address{0xc0a8320a}, Port{6000}},
            .remote = PeerFilter{{mappedAddress(Ipv4Address{0x50646409}), 128}, Port{53}},
            .timeout = Seconds{100},
            .flowAddress = Ipv4Address{0x50010203}};
}

inline const InterfaceName kWan = InterfaceName::parse("wan0").value();
inline const InterfaceName kLan = InterfaceName::parse("lan0").value();
constexpr std::uint32_t kPeer = 0x50646409;  // 80.100.100.9

}  // namespace igd::test
