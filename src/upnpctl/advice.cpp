// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace igd::ctl {
namespace {

using inspect::Chain;
using inspect::Finding;
using inspect::Hook;
using inspect::Kind;
using inspect::Packet;
using inspect::Place;
using inspect::StoppedPacket;

bool hasIn(Hook hook) {
    return hook == Hook::Ingress || hook == Hook::Prerouting || hook == Hook::Input ||
           hook == Hook::Forward;
}

bool hasOut(Hook hook) {
    return hook == Hook::Forward || hook == Hook::Postrouting || hook == Hook::Egress;
}

/// The end that the packet is told by: the client, or the port where it arrives. Before routing its
/// address is one of the router's, whichever.
struct Match {
    bool ipv6 = false;
    bool source = false;  ///< the packet comes from it
    std::optional<IpAddress> address;
    Port port;
};

Match matchOf(const StoppedPacket& stopped) {
    const Packet& packet = stopped.packet;
    const IpEndpoint& end = packet.reply ? packet.source : packet.destination;
    const bool anyAddress = stopped.hook == Hook::Input ||
                            (!packet.isIpv6() && !packet.reply &&
                             (stopped.hook == Hook::Ingress || stopped.hook == Hook::Prerouting));
    return {packet.isIpv6(), packet.reply, anyAddress ? std::nullopt : std::optional{end.address},
            end.port};
}

std::string protocolOf(Protocol protocol) {
    return std::string{lowerName(protocol)};
}

/// Returns it with a blank behind.
std::string nftInterfaces(const StoppedPacket& stopped) {
    std::string text;
    if (hasIn(stopped.hook)) text += fmt::format("iifname \"{}\" ", stopped.packet.in);
    if (hasOut(stopped.hook)) text += fmt::format("oifname \"{}\" ", stopped.packet.out);
    return text;
}

std::string nftMatch(const StoppedPacket& stopped) {
    const Match match = matchOf(stopped);
    std::string text = nftInterfaces(stopped);
    if (match.address)
        text += fmt::format("{} {} {} ", match.ipv6 ? "ip6" : "ip",
                            match.source ? "saddr" : "daddr", toString(*match.address));
    const std::string protocol = protocolOf(stopped.packet.protocol);
    if (!hasPorts(stopped.packet.protocol)) return text + "meta l4proto " + protocol + " ";
    return text +
           fmt::format("{} {} {} ", protocol, match.source ? "sport" : "dport", match.port.value);
}

std::string iptablesInterfaces(const StoppedPacket& stopped) {
    std::string text;
    if (hasIn(stopped.hook)) text += fmt::format("-i {} ", stopped.packet.in);
    if (hasOut(stopped.hook)) text += fmt::format("-o {} ", stopped.packet.out);
    return text;
}

std::string iptablesMatch(const StoppedPacket& stopped) {
    const Match match = matchOf(stopped);
    std::string text = iptablesInterfaces(stopped);
    if (match.address)
        text += fmt::format("{} {} ", match.source ? "-s" : "-d", toString(*match.address));
    text += fmt::format("-p {} ", protocolOf(stopped.packet.protocol));
    if (!hasPorts(stopped.packet.protocol)) return text;
    return text + fmt::format("--{} {} ", match.source ? "sport" : "dport", match.port.value);
}

std::string programOf(const Chain& chain) {
    return fmt::format("{}-{}", chain.family == "ip6" ? "ip6tables" : "iptables",
                       chain.kind == Kind::Legacy ? "legacy" : "nft");
}

/// Whether packets may come to a chain's end other than past its last rule.
bool leavesEarly(const Chain& chain) {
    return std::ranges::any_of(chain.steps, [](const inspect::Step& step) {
        const auto* const verdict = std::get_if<inspect::Verdict>(&step);
        return std::holds_alternative<inspect::VerdictMap>(step) ||
               (verdict != nullptr && (verdict->ending == inspect::Ending::Return ||
                                       verdict->ending == inspect::Ending::Goto));
    });
}

std::string ufwLine(const StoppedPacket& stopped) {
    const Packet& packet = stopped.packet;
    const std::string end =
        fmt::format("port {} proto {}", packet.destination.port.value, protocolOf(packet.protocol));
    if (stopped.hook == Hook::Input)
        return fmt::format("ufw allow in on {} to any {}", packet.in, end);
    return fmt::format("ufw route allow in on {} out on {} to {} {}", packet.in, packet.out,
                       toString(packet.destination.address), end);
}

}  // namespace

std::string Advice::sysctl(const std::string& name, int value) {
    return fmt::format(
        "sysctl -w {0}={1}  # to keep it: the line \"{0}={1}\" in a file of "
        "/etc/sysctl.d",
        name, value);
}

/// Whether that table is filled by a program that names its chains or tables so.
bool Advice::isOf(const Place& place, std::string_view program) const {
    const Chain& chain = facts_.rules->chains[place.chain];
    return chain.table == program ||
           std::ranges::any_of(facts_.rules->chains, [&](const Chain& other) {
               return other.kind == chain.kind && other.family == chain.family &&
                      other.table == chain.table &&
                      other.name.starts_with(std::string{program} + "-");
           });
}

std::string Advice::insertBefore(const Place& place, const std::string& nft,
                                 const std::string& iptables) const {
    const Chain& chain = facts_.rules->chains[place.chain];
    if (!chain.writable || chain.own) return {};
    const bool atEnd = !place.rule && !leavesEarly(chain);
    if (chain.kind == Kind::Nft) {
        const std::string where =
            fmt::format("rule {} {} {}", chain.family, chain.table, chain.name);
        if (place.rule)
            return fmt::format("nft 'insert {} handle {} {}accept'", where,
                               chain.rules[*place.rule].handle, nft);
        return fmt::format("nft '{} {} {}accept'", atEnd ? "add" : "insert", where, nft);
    }
    const std::uint32_t number = place.rule ? chain.rules[*place.rule].number : 1;
    return fmt::format("{}{} {} {}{} {}-j ACCEPT", programOf(chain),
                       chain.table == "filter" ? "" : " -t " + chain.table, atEnd ? "-A" : "-I",
                       chain.name, atEnd || number == 1 ? "" : " " + std::to_string(number),
                       iptables);
}

std::string Advice::letThrough(const Finding& finding) const {
    if (!finding.place || !finding.stopped) return {};
    const StoppedPacket& stopped = *finding.stopped;
    const bool plain = !stopped.packet.reply && hasPorts(stopped.packet.protocol);
    if (plain && (stopped.hook == Hook::Input || stopped.hook == Hook::Forward) &&
        isOf(*finding.place, "ufw"))
        return ufwLine(stopped);
    if (stopped.hook == Hook::Input && isOf(*finding.place, "firewalld"))
        return fmt::format(
            "firewall-cmd --zone=$(firewall-cmd --get-zone-of-interface={}) --add-port={}/{}",
            stopped.packet.in, stopped.packet.destination.port.value,
            protocolOf(stopped.packet.protocol));
    return insertBefore(*finding.place, nftMatch(stopped), iptablesMatch(stopped));
}

std::string Advice::letOut(const Finding& finding) const {
    if (!finding.place || !finding.stopped) return {};
    return insertBefore(*finding.place, nftInterfaces(*finding.stopped),
                        iptablesInterfaces(*finding.stopped));
}

std::string Advice::leaveAlone(const Finding& finding, const InterfaceName& external,
                               Protocol protocol, Port port) const {
    if (!finding.translatedBy || !finding.translatedBy->rule) return {};
    const Chain& chain = facts_.rules->chains[finding.translatedBy->chain];
    if (chain.kind ==
        Kind::Legacy)  // our chain hangs at the end of his: what is accepted misses it
        return fmt::format("{} -t {} -D {} {}", programOf(chain), chain.table, chain.name,
                           chain.rules[*finding.translatedBy->rule].number);
    const std::string end = fmt::format("dport {} ", port.value);
    const std::string name = protocolOf(protocol);
    return insertBefore(*finding.translatedBy,
                        fmt::format("iifname \"{}\" {} {}", external.text(), name, end),
                        fmt::format("-i {} -p {} --{}", external.text(), name, end));
}

std::string Advice::masquerade() const {
    const std::string& name = facts_.external.text();
    const auto isNat = [](const Chain& chain) {
        return !chain.own && chain.writable && chain.family != "ip6" && chain.base &&
               chain.base->translates && chain.base->hook == Hook::Postrouting;
    };
    const auto& chains = facts_.rules->chains;
    if (std::ranges::any_of(chains, [](const Chain& each) { return each.table == "firewalld"; }))
        return fmt::format(
            "firewall-cmd --zone=$(firewall-cmd --get-zone-of-interface={}) --add-masquerade",
            name);
    const auto isIptables = [](const Chain& each) {
        return each.kind != Kind::Nft && each.family == "ip" && !each.own && !each.rules.empty();
    };
    const auto iptables = std::ranges::find_if(chains, isIptables);
    if (iptables != chains.end())
        return fmt::format("{} -t nat -A POSTROUTING -o {} -j MASQUERADE", programOf(*iptables),
                           name);
    const auto nat = std::ranges::find_if(chains, isNat);
    if (nat != chains.end())
        return fmt::format("nft 'add rule {} {} {} {}oifname \"{}\" masquerade'", nat->family,
                           nat->table, nat->name, nat->family == "inet" ? "meta nfproto ipv4 " : "",
                           name);
    return fmt::format(
        "nft 'add table ip nat; add chain ip nat postrouting {{ type nat hook "
        "postrouting priority srcnat; }}; add rule ip nat postrouting oifname "
        "\"{}\" masquerade'",
        name);
}

}  // namespace igd::ctl
