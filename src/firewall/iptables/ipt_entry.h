// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the iptables back end as the kernel's ip_tables lays them out in memory: header,
// matches, target. Composed from values only; libiptc puts them into a table.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/port.h"
#include "upnpd/portmap/firewall.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace igd::firewall {

/// One struct ipt_entry with what follows it.
using Entry = std::vector<std::byte>;

/// [-s REMOTE] -p P [--sport PEER] --dport E -j DNAT --to-destination C:I
/// A set of ports is one rule: --dport E:E2 --to-destination C:I-I2/E
/// The matches that all have in common stand in the jump to them, and there is no comment: most of
/// a commit's time goes into each rule's matches. The first of several filters stands for the rule:
/// see eachPeer().
[[nodiscard]] Entry dnatEntry(const Rule& rule);
/// Does that on kernels before 4.18, which do not have revision 2 of that target, for one port.
[[nodiscard]] Entry oldDnatEntry(const Rule& rule);

/// `rule` once for each of its filters, or once.
[[nodiscard]] std::vector<Rule> eachPeer(const Rule& rule);

/// -m connlabel --label LABEL --set: and the packet goes on to the next rule.
[[nodiscard]] Entry labelEntry(std::uint16_t label);
/// All flows that we translated, both directions and the ICMP errors that belong to them:
/// -m connlabel --label kEnteredLabel -m connlabel ! --label kUntranslatedLabel -j ACCEPT
[[nodiscard]] Entry acceptOursEntry();
/// Marks these flows: -j MARK --set-xmark BITS/BITS
[[nodiscard]] Entry markOursEntry(std::uint32_t bits);
/// Answers of flows to `address` that we translated, unless they hairpin: labels as above, -m
/// connlabel ! --label kHairpinLabel -m conntrack --ctdir REPLY --ctorigdst ADDRESS -j MARK
/// --set-xmark MARK/BITS
[[nodiscard]] Entry answerEntry(Ipv4Address address, std::uint32_t mark, std::uint32_t bits);
/// -m conntrack --ctstate DNAT -j UPNPD
[[nodiscard]] Entry translatedJumpEntry();
/// -j MARK --set-xmark 0/BITS: our bits on a packet are worth something only when we set
/// them.
[[nodiscard]] Entry clearMarkEntry(std::uint32_t bits);

/// -p P -m P --dport FIRST:LAST -j CHAIN
[[nodiscard]] Entry toPortsEntry(Protocol protocol, const PortRange& ports, const char* chain);

/// The protocol and the ports of a rule that such an entry, or dnatEntry() made,
/// after its time in the kernel.
struct MatchedPorts {
    Protocol protocol{};
    PortRange ports;
    bool operator==(const MatchedPorts&) const = default;
};
/// Reads the ports to which packets go; nullopt: the entry matches none first.
[[nodiscard]] std::optional<MatchedPorts> toPortsOf(const Entry& entry);

/// For kernels without labels. Both directions of the mapping's flows and the ICMP errors that
/// belong to them, and nothing else: -m conntrack --ctstate DNAT --ctproto P [--ctorigsrc REMOTE]
/// --ctorigdstport E --ctreplsrc
/// C
/// --ctreplsrcport I -j ACCEPT
[[nodiscard]] Entry acceptEntry(const Rule& rule);

/// Marks these flows: -j MARK --set-xmark BITS/BITS
[[nodiscard]] Entry markEntry(const Rule& rule, std::uint32_t bits);

/// -i IN -o OUT -j CHAIN
[[nodiscard]] Entry jumpEntry(const std::optional<InterfaceName>& in,
                              const std::optional<InterfaceName>& out, const char* chain);

/// -i EXT -d ADDRESS -m addrtype --dst-type LOCAL -j UPNPD
[[nodiscard]] Entry localJumpEntry(const InterfaceName& external, Ipv4Address address);

/// For hairpinned flows: -i LAN -d EXTERNAL-ADDRESS -j UPNPD-LAN
[[nodiscard]] Entry hairpinJumpEntry(const InterfaceName& internal, Ipv4Address externalAddress);
/// -i LAN -m conntrack --ctstate DNAT --ctorigdst EXTERNAL-ADDRESS -j UPNPD
[[nodiscard]] Entry hairpinForwardJumpEntry(const InterfaceName& internal,
                                            Ipv4Address externalAddress);
/// -o LAN -m connlabel --label kHairpinLabel -m connlabel ! --label kUntranslatedLabel -j
/// UPNPD-MASQ
[[nodiscard]] Entry hairpinOutJumpEntry(const InterfaceName& internal);
/// For kernels without labels: -o LAN -m mark --mark kHairpinMark/kHairpinMark -j UPNPD-MASQ
[[nodiscard]] Entry markedOutJumpEntry(const InterfaceName& internal);
/// For them, too: -j MARK --set-xmark kHairpinMark/kHairpinMark, and with `on` false the bit taken
/// away
[[nodiscard]] Entry hairpinMarkEntry(bool on);
/// -j MASQUERADE
[[nodiscard]] Entry masqueradeEntry();

}  // namespace igd::firewall
