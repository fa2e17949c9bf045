// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_checks.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;

constexpr Port kSsdp{1900};
constexpr Port kPortControl{5351};
constexpr Ipv4Address kSsdpGroup{0xeffffffa};  // 239.255.255.250

std::string wayOut(Ipv4Address address) {
    return std::string{address.isCarrierNat() ? "ask the provider for a public address"
                                              : "set the router in front to bridge mode"} +
           "; or let what is in front forward all ports here, and set external_address to its "
           "address, "
           "or to stun";
}

std::string kindOf(Ipv4Address address) {
    if (address.isCarrierNat()) return "a carrier's (100.64.0.0/10, RFC 6598)";
    if (address.isPrivate()) return "private (RFC 1918)";
    return fmt::format("not of the public Internet ({})", rangeName(address));
}

}  // namespace

std::vector<Line> HostChecks::all() {
    external();
    forwarding();
    if (judge_ != nullptr)
        for (const inspect::Lan& lan : judge_->lans()) masquerade(lan);
    for (const auto& internal : facts_.internal) inputOf(internal);
    for (const auto& internal : facts_.internal) bridge(internal);
    for (const std::string& note : facts_.notes) add("RULES-01", Verdict::Note, note, "");
    firewalls();
    return std::move(lines_);
}

void HostChecks::add(std::string code, Verdict verdict, std::string text, std::string remedy) {
    lines_.push_back({std::move(code), verdict, std::move(text), std::move(remedy)});
}

void HostChecks::external() {
    const std::string& name = facts_.external.text();
    if (facts_.externalIndex == 0)
        return add("WAN-01", Verdict::Fail,
                   fmt::format("the external interface {} does not exist", name),
                   "is external_interface right, is the connection up?");
    if (!facts_.externalAddress)
        return add("WAN-01", Verdict::Fail,
                   fmt::format("the external interface {} has no address", name),
                   "is the connection up?");
    const Ipv4Address address = *facts_.externalAddress;
    add("WAN-01", Verdict::Ok, fmt::format("external interface {} has {}", name, toString(address)),
        "");
    const bool toldElse = facts_.told && *facts_.told != address;
    const std::string told = toldElse ? fmt::format("; clients are told {} ({})",
                                                    toString(*facts_.told), facts_.toldFrom)
                                      : "";
    if (address.isPublic())
        return add("WAN-02", Verdict::Ok,
                   fmt::format("{} is a public address{}", toString(address), told), "");
    const bool toldPublic = toldElse && facts_.told->isPublic();
    add("WAN-02", toldPublic ? Verdict::Note : Verdict::Fail,
        fmt::format("{} is {}: no host of the Internet reaches it{}", toString(address),
                    kindOf(address), told),
        toldPublic
            ? "see that the router in front forwards all ports here, or set it to bridge mode"
            : wayOut(address));
}

void HostChecks::forwarding() {
    if (facts_.forwards)
        add("FWD-01", Verdict::Ok, "IP forwarding is on", "");
    else
        add("FWD-01", Verdict::Fail, "IP forwarding is off: nothing passes this router",
            "sysctl -w net.ipv4.ip_forward=1");
    if (!facts_.pinholes.empty() && !facts_.forwards6)
        add("FWD-01", Verdict::Fail, "forwarding of IPv6 is off: no pinhole is reached",
            "sysctl -w net.ipv6.conf.all.forwarding=1");
}

void HostChecks::masquerade(const inspect::Lan& lan) {
    const Finding finding = judge_->masquerade(lan);
    const std::string flows =
        fmt::format("flows from {} to {}", judge_->nameOf(lan), facts_.external.text());
    const auto& other = finding.translatedTo;
    if (finding.fate == Fate::Stopped && other) {
        const bool own =
            facts_.externalAddress && other->address == IpAddress{*facts_.externalAddress};
        return add("NAT-01", own ? Verdict::Ok : Verdict::Note,
                   fmt::format("{} leave with {}", flows, toString(other->address)),
                   own ? "" : "mappings are reached at the address of the interface alone");
    }
    if (finding.fate == Fate::Reaches)
        return add("NAT-01", Verdict::Ok, flows + " are masqueraded", "");
    const bool passes = finding.reason == "no masquerade";
    add("NAT-01", verdictOf(finding.fate),
        fmt::format("{}: {}", flows, passes ? "not masqueraded" : judge_->because(finding)),
        passes ? fmt::format("masquerade what leaves by {}", facts_.external.text())
               : "let the hosts of the LAN out there");
}

void HostChecks::unopened(const Facts::Internal::Problem& problem) {
    const bool known = !problem.holders.empty();
    add("LAN-06", Verdict::Fail,
        known ? fmt::format("{}: {} has it", problem.reason, problem.holders) : problem.reason,
        std::string{known ? "end that program, or give it another port"
                          : "root sees which program has a port"} +
            (facts_.daemonRuns ? "; upnpd tries again by itself" : ""));
}

void HostChecks::inputOf(const Facts::Internal& internal) {
    const std::string& name = internal.interface.text();
    for (const auto& problem : internal.problems) unopened(problem);
    if (internal.prefixes.empty())
        return add("LAN-01", Verdict::Fail,
                   fmt::format("internal interface {} has no address", name), "");
    if (judge_ == nullptr) return;
    const Ipv4Address router = internal.prefixes.front().address;
    if (facts_.upnp) {
        input("LAN-02", internal, {router, kSsdp}, Protocol::Udp, "a search");
        input("LAN-03", internal, {kSsdpGroup, kSsdp}, Protocol::Udp, "a search by multicast");
    }
    if (internal.httpPort)
        input("LAN-04", internal, {router, *internal.httpPort}, Protocol::Tcp, "a control point");
    if (facts_.portControl)
        input("LAN-05", internal, {router, kPortControl}, Protocol::Udp,
              "a client of NAT-PMP or PCP");
}

void HostChecks::input(const char* code, const Facts::Internal& internal, const Endpoint& to,
                       Protocol protocol, const char* who) {
    const Finding finding = judge_->input(internal, {to.address, to.port}, protocol);
    const std::string& name = internal.interface.text();
    add(code, verdictOf(finding.fate),
        fmt::format("{} ({} {}) on {}: {}", who, lowerName(protocol), toString(to), name,
                    judge_->because(finding)),
        finding.fate == Fate::Reaches ? "" : judge_->remedy(finding, name, to.port, protocol));
}

/// With the filter of bridges a packet is translated between two ports of a bridge, and a bridge
/// sends nothing back by the port where it came in.
void HostChecks::bridge(const Facts::Internal& internal) {
    if (!internal.isBridge || !facts_.filtersBridges) return;
    add("LAN-07", Verdict::Note,
        fmt::format("hosts behind one port of the bridge {} may not reach one another at the "
                    "external address: iptables filters bridges",
                    internal.interface.text()),
        "sysctl -w net.bridge.bridge-nf-call-iptables=0, or bridge link set dev PORT hairpin on");
}

void HostChecks::firewalls() {
    if (judge_ != nullptr && judge_->bothFirewalls())
        add("FW-02", Verdict::Note,
            "rules of legacy iptables and of nftables are in force at the same time",
            "a packet must pass both; use one of them");
    for (const Facts::Refusal& refusal : facts_.refusals)
        add("FW-03", Verdict::Fail,
            fmt::format("{} does not take the rule that lets mapped ports pass: {}", refusal.chain,
                        refusal.why),
            "let them through there by the program that manages that table");
}

}  // namespace igd::ctl
