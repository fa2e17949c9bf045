// SPDX-License-Identifier: GPL-2.0-or-later
// Five rules translate what comes in, because the kernel looks a packet up by one key in one map,
// and there are five kinds of keys. A packet from 80.1.2.3 port 9 to udp 3074 is looked up as
//
//     dnat4_remote     80.1.2.3 . 17 . 3074       mappings for one remote host
//     dnat4            17 . 3074                  mappings for any remote host
//     dnat4_net        80.1.2.3 . 17 . 3074       filters: in a map of intervals, which finds the
//                                                 element 80.1.0.0/16 . 17 . 3074
//     dnat4_net_port   80.1.2.3 . 9 . 17 . 3074   filters with a port of the remote host
//     dnat4_sets       80.1.2.3 . 9 . 17 . 3074   sets of ports, with filters or without; each
//                                                 value is a range, too
//
// The first that finds something translates. A mapping has an external port to itself, so the maps
// never contradict each other. They are not one map of intervals: the first two are hash tables,
// where a new flow costs the same with 1 or 100,000 elements, and most mappings are for any host.
#include "nft/nft_table.h"

#include "names.h"
#include "nft/nft_open_nat.h"

#include <fmt/format.h>

#include <string_view>

namespace igd::firewall {
namespace {

// A flow is known by its conntrack entry, whatever the direction of the packet, and ICMP errors
// that belong to it (fragmentation needed) are part of it. The original port in the key keeps two
// external ports that lead to one internal endpoint apart. Ports of a conntrack tuple have a type
// only behind a match on the protocol.
constexpr std::string_view kFlowProtocols = "meta l4proto { 1, 6, 17 }";
constexpr std::string_view kFlow =
    "ct reply ip saddr . ct original protocol . ct reply proto-src . ct original proto-dst";

// Prerouting is behind the chains of others, whatever their priority: the first to translate a flow
// decides. (The kernel calls all nat chains of a hook at one place, whose priority is dstnat, and
// by their priorities there.) Only packets to the address that mappings have are translated:
// services of the router on its other addresses are none of ours. Postrouting is for what hairpins,
// and in front of the chains of others (srcnat), which translate nothing that stays in the LAN.
//
// A connection of TCP does not end with its entry in connection tracking: when the client sends
// next, the kernel takes it up as one that the client has begun. The client's ends of openings that
// have ended are in a set for that, and what is new there and no beginning is refused.
constexpr std::string_view kTable = R"(table inet upnpd {{
	comment "port mappings of upnpd"
	set external4 {{
		type ipv4_addr
	}}
	map dnat4 {{
		type inet_proto . inet_service : ipv4_addr . inet_service
		flags timeout
	}}
	map dnat4_remote {{
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		flags timeout
	}}
	map dnat4_net {{
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		flags interval, timeout
	}}
	map dnat4_net_port {{
		type ipv4_addr . inet_service . inet_proto . inet_service : ipv4_addr . inet_service
		flags interval, timeout
	}}
	map dnat4_sets {{
		type ipv4_addr . inet_service . inet_proto . inet_service : interval ipv4_addr . inet_service
		flags interval, timeout
	}}
	set forward4 {{
		type ipv4_addr . inet_proto . inet_service . inet_service
		flags timeout
		counter
	}}
	set forward4_remote {{
		type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service
		flags timeout
		counter
	}}
	set forward4_sets {{
		type ipv4_addr . inet_proto . inet_service . inet_service
		flags interval, timeout
		counter
	}}
	chain prerouting {{
		type nat hook prerouting priority dstnat + 1000; policy accept;
		iifname {0} ip daddr @external4 fib daddr type local dnat ip to ip saddr . meta l4proto . th dport map @dnat4_remote
		iifname {0} ip daddr @external4 fib daddr type local dnat ip to meta l4proto . th dport map @dnat4
		iifname {0} ip daddr @external4 fib daddr type local meta l4proto {{ 6, 17 }} dnat ip to ip saddr . meta l4proto . th dport map @dnat4_net
		iifname {0} ip daddr @external4 fib daddr type local meta l4proto {{ 6, 17 }} dnat ip to ip saddr . th sport . meta l4proto . th dport map @dnat4_net_port
		iifname {0} ip daddr @external4 fib daddr type local meta l4proto {{ 6, 17 }} dnat ip to ip saddr . th sport . meta l4proto . th dport map @dnat4_sets
	}}
	set ended4 {{
		type ipv4_addr . inet_service
		flags timeout
		size 4096
	}}
	chain ended {{
		type filter hook forward priority filter - 10; policy accept;
		oifname {0} ct state new ip saddr . tcp sport @ended4 tcp flags & syn == 0x0 reject with tcp reset
	}}
	chain input {{
		type filter hook input priority filter - 5; policy accept;
		iifname {0} udp dport 5351 counter drop comment "NAT-PMP and PCP are for the inside"
	}}
	chain postrouting {{
		type nat hook postrouting priority srcnat - 5; policy accept;
	}}
}}
)";

// The elements of the sets count what goes through each mapping, both ways. So this chain is there
// when nobody drops anything, too: who is not translated leaves it after two rules, and whoever is
// costs one more search in a hash table. An answer to the outside comes from a LAN, too: it must
// not meet the rule for hairpins, and be counted again, hence goto. Rejected: counting connections
// (nf_conntrack_acct), which forgets the packets of those that have ended, and counters of the maps
// above, which would only see the first packet of each flow.
constexpr std::string_view kForwardChain = R"(table inet upnpd {{
	chain forward {{
		type filter hook forward priority {1}; policy accept;
		{4}
		iifname {0} ct status dnat goto mapped
		oifname {0} ct status dnat goto mapped
	}}
	chain mapped {{
		{2} {3} @forward4 {5} return
		{2} ct original ip saddr . {3} @forward4_remote {5} return
		{2} {3} @forward4_sets {5}
	}}
}}
)";

// The bits are taken away before they are set, because a mark that somebody else has set must not
// open anything, and again before others look at marks on the way out (mangle) or save them.
constexpr std::string_view kClearMark = "meta nfproto ipv4 meta mark set meta mark & {:#010x}";
constexpr std::string_view kUnmarkChain = R"(table inet upnpd {{
	chain unmark {{
		type filter hook postrouting priority mangle - 5; policy accept;
		{0}
	}}
}}
)";

/// Where packets are only counted.
constexpr int kCountPriority = -5;

// Answers of mappings leave by the interface at whose address their flow came in: a rule of policy
// routing leads them by the mark, which is set when routing is about to be asked and taken away
// right after it. Answers that hairpin stay inside.
constexpr std::string_view kAnswers = R"(table inet upnpd {{
	chain answers {{
		type filter hook prerouting priority dstnat - 10; policy accept;
		ct direction reply ct status dnat fib daddr type != local fib daddr oifname != {{ {0} }} goto answer
	}}
	chain answer {{
{1}	}}
	chain answers_end {{
		type filter hook forward priority -400; policy accept;
		{2}
	}}
}}
)";
constexpr std::string_view kAnswerBy =
    "\t\tct original ip daddr {} meta mark set meta mark & {:#010x} | {:#010x}\n";

// A host that reaches a mapping from the client's own network must see the answers come from the
// router, to which it speaks: hence the masquerade. A packet from outside has to keep its source.
// Before Linux 5.7 postrouting does not know by which interface a packet came: the client's own
// network is without hairpin there.
constexpr std::string_view kHairpinFor = R"(table inet upnpd {{
	chain prerouting {{
		iifname "{0}" ip daddr @external4 dnat ip to meta l4proto . th dport map @dnat4
		iifname "{0}" ip daddr @external4 meta l4proto {{ 6, 17 }} dnat ip to ip saddr . th sport . meta l4proto . th dport map @dnat4_sets
	}}
	chain postrouting {{
		iifname "{0}" oifname "{0}" ct status dnat ct original ip daddr @external4 masquerade
	}}
}}
)";

constexpr std::string_view kHairpinForward = R"(table inet upnpd {{
	chain forward {{
		iifname "{0}" ct status dnat ct original ip daddr @external4 goto mapped
	}}
}}
)";

// There is one set for each combination of what a pinhole leaves open, and there are two for
// pinholes with filters: the kernel looks up a network only in a set of intervals. A flow is known
// by the original direction of its conntrack entry, whatever the packet's own direction; ICMPv6
// errors carry the entry of the flow they are about.
constexpr std::string_view kPinholes = R"(table ip6 upnpd {{
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
	set ended {{
		type ipv6_addr . inet_service
		flags timeout
		size 4096
	}}
	chain forward {{
		type filter hook forward priority {1}; policy accept;
		meta mark set meta mark & {5:#010x}
		oifname {0} ct state new ip6 saddr . tcp sport @ended tcp flags & syn == 0x0 reject with tcp reset
		iifname {0} jump pinholes
		oifname {0} jump pinholes
	}}
	chain unmark {{
		type filter hook postrouting priority mangle - 5; policy accept;
		meta mark set meta mark & {5:#010x}
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
constexpr std::string_view kPinholeProtocols = "{ 6, 17, 47, 50, 58, 132 }";
constexpr std::string_view kPinholeFlow =
    "ct original ip6 daddr . ct original protocol . ct original proto-dst";

std::string quotedList(std::span<const InterfaceName> names) {
    std::string text;
    for (const InterfaceName& name : names)
        text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", name.text());
    return text;
}

/// Nothing where there is one external interface, or nobody routes by marks.
std::string answersScript(const TableShape& shape) {
    std::string rules;
    for (const UplinkSide& each : shape.uplinks)
        for (const Ipv4Address address : each.addresses)
            if (each.mark != 0)
                rules += fmt::format(kAnswerBy, toString(address), ~shape.markBits, each.mark);
    if (rules.empty() || shape.internal.empty()) return "";
    return fmt::format(kAnswers, quotedList(shape.internal), rules,
                       fmt::format(kClearMark, ~shape.markBits));
}

/// The chain that sees all packets of mappings, and marks them where that is needed.
std::string forwardScript(const TableShape& shape) {
    const bool marks = shape.markPriority.has_value();
    const std::string clear = marks ? fmt::format(kClearMark, ~shape.markBits) : "";
    const std::string mark =
        marks ? fmt::format("meta mark set meta mark | {:#010x}", shape.markBits) : "";
    return fmt::format(kForwardChain, outsideText(shape.external, shape.uplinks),
                       shape.markPriority.value_or(kCountPriority), kFlowProtocols, kFlow, clear,
                       mark) +
           (marks ? fmt::format(kUnmarkChain, clear) : "");
}

}  // namespace

std::string outsideText(const InterfaceName& external, std::span<const UplinkSide> uplinks) {
    if (uplinks.empty()) return fmt::format("\"{}\"", external.text());
    std::vector<InterfaceName> names;
    for (const UplinkSide& each : uplinks) names.push_back(each.interface);
    return fmt::format("{{ {} }}", quotedList(names));
}

std::string deleteTableScript(std::string_view table) {
    return fmt::format("add table {0}\ndelete table {0}\n", table);
}

std::string externalAddressScript(std::span<const Ipv4Address> addresses) {
    std::string script = fmt::format("flush set {} external4\n", kNftTable);
    for (const Ipv4Address address : addresses)
        script += fmt::format("add element {} external4 {{ {} }}\n", kNftTable, toString(address));
    return script;
}

std::string tableScript(const TableShape& shape) {
    std::string script = deleteTableScript(kNftTable) +
                         fmt::format(kTable, outsideText(shape.external, shape.uplinks)) +
                         forwardScript(shape) + answersScript(shape);
    for (const InterfaceName& internal : shape.hairpinFor)
        script += fmt::format(kHairpinFor, internal.text()) +
                  fmt::format(kHairpinForward, internal.text());
    return script + openNatScript(shape) +
           (shape.externalAddresses.empty() ? "" : externalAddressScript(shape.externalAddresses));
}

std::string pinholeTableScript(const PinholeShape& shape) {
    const std::string mark = fmt::format("meta mark set meta mark | {:#010x}", shape.markBits);
    return deleteTableScript(kPinholeTable) +
           fmt::format(kPinholes, outsideText(shape.external, shape.uplinks), shape.markPriority,
                       kPinholeFlow, mark, kPinholeProtocols, ~shape.markBits);
}

}  // namespace igd::firewall
