// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the iptables back end as the kernel's ip_tables lays them out in memory: header, matches,
// target. Composed from values only; libiptc puts them into a table.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace igd::firewall {

/// One struct ipt_entry with what follows it.
using Entry = std::vector<std::byte>;

/// -i EXT [-s REMOTE] -p P --dport E -m comment --comment DESCRIPTION -j DNAT --to-destination C:I
/// What all have in common stands in the jump to them: most of a commit's time goes into each rule's matches.
[[nodiscard]] Entry dnatEntry(const InterfaceName& external, const Rule& rule);

/// Both directions of the mapping's flows and the ICMP errors that belong to them, and nothing else:
/// -m conntrack --ctstate DNAT --ctproto P [--ctorigsrc REMOTE] --ctorigdstport E --ctreplsrc C
/// --ctreplsrcport I -j ACCEPT
[[nodiscard]] Entry acceptEntry(const Rule& rule);

/// The same flows, -j MARK --set-xmark kPacketMark/kPacketMark
[[nodiscard]] Entry markEntry(const Rule& rule);

/// -i IN -o OUT -j UPNPD
[[nodiscard]] Entry jumpEntry(const std::optional<InterfaceName>& in,
                              const std::optional<InterfaceName>& out);

/// -i EXT -m addrtype --dst-type LOCAL -j UPNPD
[[nodiscard]] Entry localJumpEntry(const InterfaceName& external);

/// -m mark --mark kPacketMark/kPacketMark -m conntrack --ctstate DNAT -m comment --comment upnpd -j ACCEPT
[[nodiscard]] Entry openingEntry();

}  // namespace igd::firewall
