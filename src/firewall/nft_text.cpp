// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_text.h"

#include "upnpd/util/text.h"

#include "names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd::firewall {
namespace {

constexpr std::size_t kMaxComment = 128;

// A flow is told by its conntrack entry, whatever the direction of the packet, and ICMP errors that belong to
// it (fragmentation needed) are part of it. The original port in the key keeps two external ports that lead
// to one internal endpoint apart. Ports of a conntrack tuple have a type only behind a match on the protocol.
constexpr std::string_view kFlowProtocols = "meta l4proto { 1, 6, 17 }";
constexpr std::string_view kFlow =
    "ct reply ip saddr . ct original protocol . ct reply proto-src . ct original proto-dst";

// Behind the administrator's own prerouting chains (dstnat): the first to translate a flow decides.
constexpr std::string_view kTable = R"(table inet upnpd {{
	comment "port mappings of upnpd"
	map dnat4 {{
		type inet_proto . inet_service : ipv4_addr . inet_service
		flags timeout
		counter
	}}
	map dnat4_remote {{
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		flags timeout
		counter
	}}
	set forward4 {{
		type ipv4_addr . inet_proto . inet_service . inet_service
		flags timeout
	}}
	set forward4_remote {{
		type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service
		flags timeout
	}}
	chain prerouting {{
		type nat hook prerouting priority dstnat + 5; policy accept;
		iifname "{0}" fib daddr type local dnat ip to ip saddr . meta l4proto . th dport map @dnat4_remote
		iifname "{0}" fib daddr type local dnat ip to meta l4proto . th dport map @dnat4
	}}
}}
)";

constexpr std::string_view kMarkChain = R"(table inet upnpd {{
	chain forward {{
		type filter hook forward priority {1}; policy accept;
		iifname "{0}" ct status dnat jump mapped
		oifname "{0}" ct status dnat jump mapped
	}}
	chain mapped {{
		{2} {3} @forward4 meta mark set meta mark | {4:#010x}
		{2} ct original ip saddr . {3} @forward4_remote meta mark set meta mark | {4:#010x}
	}}
}}
)";

int number(Protocol protocol) {
    return static_cast<int>(protocol);
}

std::string keyText(const Rule& rule) {
    const std::string key = fmt::format("{} . {}", number(rule.key.protocol), rule.key.externalPort.value);
    return rule.remoteHost ? toString(*rule.remoteHost) + " . " + key : key;
}

std::string valueText(const Rule& rule) {
    return fmt::format("{} . {}", toString(rule.internal.address), rule.internal.port.value);
}

std::string flowText(const Rule& rule) {
    const std::string flow =
        fmt::format("{} . {} . {} . {}", toString(rule.internal.address), number(rule.key.protocol),
                    rule.internal.port.value, rule.key.externalPort.value);
    return rule.remoteHost ? toString(*rule.remoteHost) + " . " + flow : flow;
}

std::string timeoutText(const Rule& rule) {
    // nft reads a timeout of 0 as "none".
    return rule.timeout ? fmt::format(" timeout {}s", std::max<Seconds::rep>(rule.timeout->count(), 1)) : "";
}

std::string commentText(const Rule& rule) {
    const std::string comment = nftComment(rule.comment);
    return comment.empty() ? "" : fmt::format(" comment \"{}\"", comment);
}

std::string dnatElement(const Rule& rule) {
    return fmt::format("{}{}{} : {}", keyText(rule), timeoutText(rule), commentText(rule), valueText(rule));
}

std::string flowElement(const Rule& rule) {
    return flowText(rule) + timeoutText(rule);
}

std::string_view mapOf(const Rule& rule) {
    return rule.remoteHost ? "dnat4_remote" : "dnat4";
}

std::string_view setOf(const Rule& rule) {
    return rule.remoteHost ? "forward4_remote" : "forward4";
}

std::string addText(const Rule& rule) {
    return fmt::format("add element inet upnpd {} {{ {} }}\nadd element inet upnpd {} {{ {} }}\n",
                       mapOf(rule), dnatElement(rule), setOf(rule), flowElement(rule));
}

// The addition in front makes the deletion of an element that timed out in the meantime a success; to one
// that is there it does nothing.
std::string removeText(const Rule& rule) {
    return fmt::format(
        "add element inet upnpd {0} {{ {1} : {2} }}\ndelete element inet upnpd {0} {{ {1} }}\n"
        "add element inet upnpd {3} {{ {4} }}\ndelete element inet upnpd {3} {{ {4} }}\n",
        mapOf(rule), keyText(rule), valueText(rule), setOf(rule), flowText(rule));
}

/// One command for all elements of a set: thousands of them cost one set of netlink messages.
std::string fillText(std::string_view set, std::span<const Rule> rules, bool remote,
                     std::string (*element)(const Rule&)) {
    std::string elements;
    for (const Rule& rule : rules)
        if (rule.remoteHost.has_value() == remote)
            elements += (elements.empty() ? "" : ",\n") + element(rule);
    return elements.empty() ? "" : fmt::format("add element inet upnpd {} {{ {} }}\n", set, elements);
}

}  // namespace

std::string nftComment(std::string_view description) {
    std::string harmless;
    std::ranges::copy_if(description, std::back_inserter(harmless),
                         [](char c) { return c != '"' && c != '\\'; });
    return cleanUtf8(harmless, kMaxComment);
}

std::string deleteTableScript() {
    return fmt::format("add table {0}\ndelete table {0}\n", kNftTable);
}

std::string tableScript(const InterfaceName& external, std::optional<int> markPriority,
                        std::span<const Rule> rules) {
    std::string script = deleteTableScript() + fmt::format(kTable, external.text());
    if (markPriority)
        script += fmt::format(kMarkChain, external.text(), *markPriority, kFlowProtocols, kFlow, kPacketMark);
    return script + fillText("dnat4", rules, false, dnatElement) +
           fillText("dnat4_remote", rules, true, dnatElement) +
           fillText("forward4", rules, false, flowElement) +
           fillText("forward4_remote", rules, true, flowElement);
}

std::string deltaScript(const RuleDelta& delta) {
    std::string script;
    for (const Rule& rule : delta.remove) script += removeText(rule);
    for (const Rule& rule : delta.add) script += addText(rule);
    return script;
}

}  // namespace igd::firewall
