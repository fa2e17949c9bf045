// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/pinhole_table.h"

#include "names.h"
#include "nft/nft_table.h"

#include <fmt/format.h>

#include <string_view>

namespace igd::firewall {
namespace {

// There is one set for each combination of what a pinhole leaves open, and there are two for
// pinholes with filters: the kernel looks up a network only in a set of intervals. A flow is known
// by the original direction of its conntrack entry, whatever the packet's own direction; ICMPv6
// errors carry the entry of the flow they are about.
constexpr std::string_view kTable = R"(table ip6 upnpd {{
	comment "pinholes of upnpd"
	set pinholes {{
		type ipv6_addr . inet_proto . inet_service
		flags timeout
		counter
	}}
	set pinholes_host {{
		type ipv6_addr . ipv6_addr . inet_proto . inet_service
		flags timeout
		counter
	}}
	set pinholes_port {{
		type inet_service . ipv6_addr . inet_proto . inet_service
		flags timeout
		counter
	}}
	set pinholes_host_port {{
		type ipv6_addr . inet_service . ipv6_addr . inet_proto . inet_service
		flags timeout
		counter
	}}
	set mapped {{
		type ipv6_addr . ipv6_addr . inet_proto . inet_service
		flags interval, timeout
		counter
	}}
	set mapped_port {{
		type ipv6_addr . inet_service . ipv6_addr . inet_proto . inet_service
		flags interval, timeout
		counter
	}}
	chain forward {{
		type filter hook forward priority {1}; policy accept;
		iifname "{0}" jump pinholes
		oifname "{0}" jump pinholes
	}}
	chain pinholes {{
		meta l4proto {4} {2} @pinholes {3}
		meta l4proto {4} ct original ip6 saddr . {2} @pinholes_host {3}
		meta l4proto {4} ct original proto-src . {2} @pinholes_port {3}
		meta l4proto {4} ct original ip6 saddr . ct original proto-src . {2} @pinholes_host_port {3}
		meta l4proto {4} ct original ip6 saddr . {2} @mapped {3}
		meta l4proto {4} ct original ip6 saddr . ct original proto-src . {2} @mapped_port {3}
	}}
}}
)";
/// The protocols of pinholes, and ICMPv6 for the errors about their flows.
constexpr std::string_view kProtocols = "{ 6, 17, 47, 50, 58, 132 }";
constexpr std::string_view kFlow =
    "ct original ip6 daddr . ct original protocol . ct original proto-dst";

}  // namespace

std::string pinholeTableScript(const InterfaceName& external, int priority) {
    const std::string mark = fmt::format("meta mark set meta mark | {:#010x}", kPacketMark);
    return deleteTableScript(kPinholeTable) +
           fmt::format(kTable, external.text(), priority, kFlow, mark, kProtocols);
}

}  // namespace igd::firewall
