// SPDX-License-Identifier: GPL-2.0-or-later
// A rule in the language of firewalld (firewalld.richlanguage(5)).
#pragma once

#include "upnpd/portmap/firewall.h"

#include <string>
#include <vector>

namespace igd::firewall {

/// Returns the rich rules that let packets of `rule` pass: one for each remote network that it is
/// for, and for each port of a set that has other external ports than internal ones. IPv6: an
/// accept. IPv4: a translation of the external port to where our own one leads, because firewalld
/// lets no other translation pass where it is strict. Empty: the language has no words for it (the
/// remote host's port, an IPv4 protocol without ports).
///
///     rule family="ipv6" source address="2001:db8:9::/48" destination address="2001:db8::20/128"
///     port port="5000" protocol="udp" accept
///     rule family="ipv4" forward-port port="4000" protocol="tcp" to-port="80" to-addr="192.0.2.7"
[[nodiscard]] std::vector<std::string> richRulesOf(const Rule& rule);

}  // namespace igd::firewall
