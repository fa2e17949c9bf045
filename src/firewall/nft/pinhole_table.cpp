// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/pinhole_table.h"

#include "names.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::firewall {
namespace {

// One set for each combination of what a pinhole leaves open, and two for what PCP has mapped,
// whose remote hosts are networks. A flow is told by the original direction of its conntrack entry,
// whatever the packet's own; ICMPv6 errors carry the entry of the flow they are about.
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
/// What pinholes are for, and the errors about it.
constexpr std::string_view kProtocols = "{ 6, 17, 47, 50, 58, 132 }";
constexpr std::string_view kFlow =
    "ct original ip6 daddr . ct original protocol . ct original proto-dst";

std::string setOf(const PinholeKey& key) {
    if (key.mappedBits)
        return fmt::format("{} mapped{}", kPinholeTable, key.remotePort ? "_port" : "");
    return fmt::format("{} pinholes{}{}", kPinholeTable, key.remoteHost ? "_host" : "",
                       key.remotePort ? "_port" : "");
}

std::string elementOf(const PinholeKey& key) {
    std::string text;
    if (key.mappedBits)
        text += fmt::format("{}/{} . ", toString(key.remoteHost.value_or(Ipv6Address{})),
                            *key.mappedBits);
    else if (key.remoteHost)
        text += toString(*key.remoteHost) + " . ";
    if (key.remotePort) text += fmt::format("{} . ", key.remotePort->value);
    return text + fmt::format("{} . {} . {}", toString(key.client), static_cast<int>(key.protocol),
                              key.internalPort.value);
}

/// The kernel begins a present element's time anew for another timeout only, or where it is told
/// when it expires.
std::string addText(const PinholeRule& rule, bool renews) {
    const auto seconds = std::max<Seconds::rep>(rule.timeout.count(), 1);
    return fmt::format("add element {} {{ {} timeout {}s{} }}\n", setOf(rule.key),
                       elementOf(rule.key), seconds,
                       renews ? fmt::format(" expires {}s", seconds) : "");
}

/// The addition in front makes the deletion of an element that timed out in the meantime a success.
std::string removeText(const PinholeRule& rule) {
    return fmt::format("add element {0} {{ {1} }}\ndelete element {0} {{ {1} }}\n", setOf(rule.key),
                       elementOf(rule.key));
}

}  // namespace

std::string deletePinholeTableScript() {
    return fmt::format("add table {0}\ndelete table {0}\n", kPinholeTable);
}

std::string pinholeTableScript(const InterfaceName& external, int priority) {
    const std::string mark = fmt::format("meta mark set meta mark | {:#010x}", kPacketMark);
    return deletePinholeTableScript() +
           fmt::format(kTable, external.text(), priority, kFlow, mark, kProtocols);
}

std::string pinholeFillScript(std::span<const PinholeRule> rules) {
    std::string script;
    for (const PinholeRule& rule : rules) script += addText(rule, false);
    return script;
}

std::string pinholeChangeScript(const PinholeDelta& delta, bool renewsInPlace) {
    const auto stays = [&](const PinholeRule& one, std::span<const PinholeRule> others) {
        return renewsInPlace && std::ranges::any_of(others, [&](const PinholeRule& other) {
                   return other.key == one.key;
               });
    };
    std::string script;
    for (const PinholeRule& rule : delta.remove)
        if (!stays(rule, delta.add)) script += removeText(rule);
    for (const PinholeRule& rule : delta.add) script += addText(rule, stays(rule, delta.remove));
    return script;
}

std::string pinholeQuery(const PinholeRule& rule) {
    return fmt::format("get element {} {{ {} }}", setOf(rule.key), elementOf(rule.key));
}

std::optional<std::uint64_t> packetsIn(std::string_view answer) {
    constexpr std::string_view kWords = "counter packets ";
    const auto at = answer.find(kWords);
    if (at == std::string_view::npos) return std::nullopt;
    const auto rest = answer.substr(at + kWords.size());
    return parseUnsigned<std::uint64_t>(rest.substr(0, rest.find_first_not_of("0123456789")));
}

}  // namespace igd::firewall
