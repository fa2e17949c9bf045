// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel learns from the packets that leave, and no process is asked. A host at 192.168.1.40
// sends over UDP from port 3074, and the administrator's rule lets the packet leave by 3074:
//
//     open4_ports    3074                           is held by somebody
//     open4          3074 : 192.168.1.40 . 3074     where packets to it go
//     open4_flows    192.168.1.40 . 3074 . 3074     who holds it, from which port
//     open4_moved    192.168.1.40 . 3074 : 3074     by which port that end has left first
//
// Each packet that leaves holds them for five minutes more (RFC 4787 section 4.3). A second host
// that sends from port 3074 gets a port that nobody holds, and the same for all its remotes, before
// the administrator's rule is asked, since that one might let both leave by one port to different
// remotes. What comes in to a port that is held is translated when no mapping is for it and the
// router itself does not listen there.
#include "nft/nft_open_nat.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::firewall {
namespace {

/// {0} is the external interface or a set of them, {1} how many ports may be held.
constexpr std::string_view kLearned = R"(table inet upnpd {{
	map open4 {{
		type inet_service : ipv4_addr . inet_service
		flags dynamic,timeout
		timeout 300s
		size {1}
	}}
	map open4_moved {{
		type ipv4_addr . inet_service : inet_service
		flags dynamic,timeout
		timeout 300s
		size {1}
	}}
	set open4_ports {{
		type inet_service
		flags dynamic,timeout
		timeout 300s
		size {1}
	}}
	set open4_flows {{
		type ipv4_addr . inet_service . inet_service
		flags dynamic,timeout
		timeout 300s
		size {1}
	}}
	chain open_in {{
		socket transparent 0 return
		socket transparent 1 return
		dnat ip to udp dport map @open4
	}}
	chain prerouting {{
		iifname {0} ip daddr @external4 fib daddr type local meta l4proto 17 udp dport @open4_ports jump open_in
	}}
	chain open_out {{
		ip saddr . udp sport . udp sport @open4_flows return
		meta l4proto 17 masquerade to :ip saddr . udp sport map @open4_moved
		meta l4proto 17 udp sport @open4_ports masquerade to :49152-65535 fully-random
	}}
	chain open_keep {{
		meta l4proto 17 update @open4_ports {{ udp sport }}
		meta l4proto 17 update @open4_flows {{ ct original ip saddr . ct original proto-src . udp sport }}
		meta l4proto 17 update @open4 {{ udp sport : ct original ip saddr . ct original proto-src }}
		meta l4proto 17 update @open4_moved {{ ct original ip saddr . ct original proto-src : udp sport }}
	}}
	chain open_hold {{
		meta l4proto 17 ct original ip saddr . ct original proto-src . udp sport @open4_flows goto open_keep
		udp sport @open4_ports return
		meta l4proto 17 goto open_keep
	}}
	chain open_answer {{
		meta l4proto 17 update @open4_ports {{ udp sport }}
		meta l4proto 17 update @open4_flows {{ ct reply ip saddr . ct reply proto-src . udp sport }}
		meta l4proto 17 update @open4 {{ udp sport : ct reply ip saddr . ct reply proto-src }}
		meta l4proto 17 update @open4_moved {{ ct reply ip saddr . ct reply proto-src : udp sport }}
	}}
	chain open_hosts {{
	}}
	chain open_nat {{
		type filter hook postrouting priority srcnat + 100; policy accept;
		oifname {0} ip saddr @external4 meta l4proto 17 ct direction original goto open_hosts
		oifname {0} ip saddr @external4 meta l4proto 17 ct reply ip saddr . ct reply proto-src . udp sport @open4_flows jump open_answer
	}}
}}
)";

/// {0} is that, {1} matches the host as the sender of a packet, {2} as the one
/// that has begun its flow, {3} are its ports.
constexpr std::string_view kHost = R"(table inet upnpd {{
	chain postrouting {{
		oifname {0} {1} meta l4proto 17 udp sport {{ {3} }} jump open_out
	}}
	chain open_hosts {{
		{2} meta l4proto 17 ct original proto-src {{ {3} }} udp sport {{ {3} }} goto open_hold
	}}
}}
)";

constexpr std::string_view kMark = R"(table inet upnpd {{
	chain mapped {{
		meta l4proto {{ 1, 17 }} ct original protocol 17 ct reply ip saddr . ct reply proto-src . ct original proto-dst @open4_flows meta mark set meta mark | {0:#010x}
	}}
}}
)";

constexpr std::string_view kHairpinOpen = R"(table inet upnpd {{
	chain prerouting {{
		iifname "{0}" ip daddr @external4 meta l4proto 17 udp dport @open4_ports jump open_in
	}}
}}
)";

/// More than a house of players needs; a host that sends from each of its ports takes no more.
constexpr std::size_t kMostHeldPorts = 4096;

std::string hostRules(const OpenNat& open, const std::string& external) {
    const std::string ports = portsText(open.ports);
    if (const auto* const mac = std::get_if<MacAddress>(&open.host)) {
        const std::string sender = fmt::format("ether saddr {}", toString(*mac));
        return fmt::format(kHost, external, sender, sender, ports);
    }
    const std::string network = toString(open.host);
    return fmt::format(kHost, external, fmt::format("ip saddr {}", network),
                       fmt::format("ct original ip saddr {}", network), ports);
}

}  // namespace

std::string openNatScript(const TableShape& shape) {
    const auto hasPorts = [](const OpenNat& open) { return !open.ports.empty(); };
    if (std::ranges::none_of(shape.openNat, hasPorts)) return "";
    const std::string external = outsideText(shape.external, shape.uplinks);
    std::string script = fmt::format(kLearned, external, kMostHeldPorts);
    for (const OpenNat& open : shape.openNat)
        if (hasPorts(open)) script += hostRules(open, external);
    if (shape.markPriority) script += fmt::format(kMark, shape.markBits);
    for (const InterfaceName& internal : shape.hairpinFor)
        script += fmt::format(kHairpinOpen, internal.text());
    return script;
}

}  // namespace igd::firewall
