// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the iptables back end as the kernel's ip_tables lays them out in memory: header,
// matches, target. Composed from values only; libiptc puts them into a table.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace igd::firewall {

/// One struct ipt_entry with what follows it.
using Entry = std::vector<std::byte>;

/// [-s REMOTE] -p P [--sport PEER] --dport E -m comment --comment DESCRIPTION -j DNAT
/// --to-destination C:I
/// The matches that all have in common stand in the jump to them: most of a commit's time goes into
/// each rule's matches. The first of several filters stands for the rule: see eachPeer().
[[nodiscard]] Entry dnatEntry(const Rule& rule);
/// Does that on kernels before 4.18, which do not have revision 2 of that target.
[[nodiscard]] Entry oldDnatEntry(const Rule& rule);

/// `rule` once for each of its filters, or once.
[[nodiscard]] std::vector<Rule> eachPeer(const Rule& rule);

/// -s C -p P --sport I [-d REMOTE] -j MASQUERADE --to-ports E
[[nodiscard]] Entry outgoingEntry(const Rule& rule);

/// Both directions of the mapping's flows and the ICMP errors that belong to them, and nothing
/// else: -m conntrack --ctstate DNAT --ctproto P [--ctorigsrc REMOTE] --ctorigdstport E --ctreplsrc
/// C
/// --ctreplsrcport I -j ACCEPT
[[nodiscard]] Entry acceptEntry(const Rule& rule);

/// Marks these flows: -j MARK --set-xmark kPacketMark/kPacketMark
[[nodiscard]] Entry markEntry(const Rule& rule);

/// -i IN -o OUT -j CHAIN
[[nodiscard]] Entry jumpEntry(const std::optional<InterfaceName>& in,
                              const std::optional<InterfaceName>& out, const char* chain);

/// -i EXT -m addrtype --dst-type LOCAL -j UPNPD
[[nodiscard]] Entry localJumpEntry(const InterfaceName& external);

/// For hairpinned flows: -i LAN -d EXTERNAL-ADDRESS -j UPNPD-LAN
[[nodiscard]] Entry hairpinJumpEntry(const InterfaceName& internal, Ipv4Address externalAddress);
/// -i LAN -m conntrack --ctstate DNAT --ctorigdst EXTERNAL-ADDRESS -j UPNPD
[[nodiscard]] Entry hairpinForwardJumpEntry(const InterfaceName& internal,
                                            Ipv4Address externalAddress);
/// -o LAN -m mark --mark kHairpinMark/kHairpinMark -j UPNPD-MASQ
[[nodiscard]] Entry hairpinOutJumpEntry(const InterfaceName& internal);
/// -j MARK --set-xmark kHairpinMark/kHairpinMark, and with `on` false the bit taken away
[[nodiscard]] Entry hairpinMarkEntry(bool on);
/// -j MASQUERADE
[[nodiscard]] Entry masqueradeEntry();

/// -m mark --mark kPacketMark/kPacketMark -m conntrack --ctstate DNAT -m comment --comment upnpd -j
/// ACCEPT
[[nodiscard]] Entry openingEntry();

}  // namespace igd::firewall
