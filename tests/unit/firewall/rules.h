// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that the tests of this room speak of.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"

#include <string>
#include <utility>

namespace igd::test {

inline Rule aRule() {
    return {{Protocol::Udp, Port{3074}},
            std::nullopt,
            {Ipv4Address{0xc0a8320a}, Port{3075}},
            std::nullopt,
            ""};
}

inline Rule forRemote(Rule rule, std::uint32_t remote) {
    rule.remoteHost = Ipv4Address{remote};
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

inline const InterfaceName kWan = InterfaceName::parse("wan0").value();
inline const InterfaceName kLan = InterfaceName::parse("lan0").value();
constexpr std::uint32_t kPeer = 0x50646409;  // 80.100.100.9

}  // namespace igd::test
