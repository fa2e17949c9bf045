// SPDX-License-Identifier: GPL-2.0-or-later
#include "lan_checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;

constexpr Port kSsdp{1900};
constexpr Port kPortControl{5351};
constexpr Ipv4Address kSsdpGroup{0xeffffffa};  // 239.255.255.250
constexpr std::string_view kSsdpGroup6 = "ff02::c";

/// Returns the network that clients of one of the router's addresses are in.
inspect::Lan networkOf(const RuleJudge& judge, const Facts::Internal& internal,
                       const IpAddress& own) {
    const bool six = std::holds_alternative<Ipv6Address>(own);
    const auto& lans = six ? judge.lans6() : judge.lans();
    const auto found = std::ranges::find(lans, own, &inspect::Lan::address);
    if (found != lans.end()) return *found;
    const auto other = std::ranges::find(lans, internal.interface, &inspect::Lan::interface);
    if (other != lans.end()) return *other;
    return {internal.interface, static_cast<std::uint32_t>(internal.state.index), own,
            static_cast<std::uint8_t>(six ? 64 : 24)};
}

}  // namespace

std::vector<Line> LanChecks::all() {
    for (const auto& internal : facts_.internal) lan(internal);
    loopback();
    for (const auto& internal : facts_.internal) bridge(internal);
    return std::move(lines_);
}

void LanChecks::lan(const Facts::Internal& internal) {
    for (const auto& each : internal.problems) problem(each);
    if (!link(internal)) return;
    served(internal);
    if (judge_ != nullptr) inputs(internal);
}

/// Returns whether there is more to look at.
bool LanChecks::link(const Facts::Internal& internal) {
    const std::string& name = internal.interface.text();
    const InterfaceState& state = internal.state;
    if (state.exists && state.running && state.isServable()) return true;
    Line line{"LAN-01", Verdict::Fail, fmt::format("internal interface {} has no address", name),
              "give it the router's address in that network"};
    if (!state.exists) {
        line.text = fmt::format("internal interface {} does not exist", name);
        line.remedy = "is internal_interface right?";
    } else if (!state.running) {
        line.text = fmt::format("internal interface {} is down", name);
        line.remedy = "is a cable in, is a host there?";
        line.command = fmt::format("ip link set dev {} up", name);
    }
    lines_.push_back(std::move(line));
    return false;
}

void LanChecks::problem(const Facts::Internal::Problem& problem) {
    const bool known = !problem.holders.empty();
    lines_.push_back(
        {"LAN-06", Verdict::Fail,
         known ? fmt::format("{}: {} has it", problem.reason, problem.holders) : problem.reason,
         std::string{known ? "end that program, or give it another port"
                           : "root sees which program has a port"} +
             (facts_.daemonRuns ? "; upnpd tries again by itself" : "")});
}

void LanChecks::served(const Facts::Internal& internal) {
    const std::string& name = internal.interface.text();
    if (!facts_.daemonRuns) return;
    for (const std::string& text : internal.unserved)
        lines_.push_back({"LAN-08", Verdict::Fail,
                          fmt::format("clients on {} are not served: {}", name, text),
                          "the log says why; a restart opens all anew", "systemctl restart upnpd"});
    const bool open = judge_ == nullptr || judge_->loopback().fate != Fate::Stopped;
    if (internal.isSilent && open)
        lines_.push_back({"LAN-08", Verdict::Fail,
                          fmt::format("the front end of {} does not answer", name),
                          "upnpd replaces it within two minutes; a restart does it now",
                          "systemctl restart upnpd"});
    if (internal.unserved.empty() && !internal.isSilent && internal.problems.empty())
        lines_.push_back(
            {"LAN-08", Verdict::Ok, fmt::format("clients on {} are served", name), ""});
}

void LanChecks::inputs(const Facts::Internal& internal) {
    for (const Ipv4Prefix& each : internal.state.addresses) {
        const inspect::Lan lan = networkOf(*judge_, internal, each.address);
        if (facts_.upnp) {
            input("LAN-02", lan, {false, {each.address, kSsdp}}, "a search");
            if (each == internal.state.addresses.front())
                input("LAN-03", lan, {false, {kSsdpGroup, kSsdp}}, "a search by multicast");
        }
        if (internal.httpPort)
            input("LAN-04", lan, {true, {each.address, *internal.httpPort}}, "a control point");
        if (facts_.portControl)
            input("LAN-05", lan, {false, {each.address, kPortControl}},
                  "a client of NAT-PMP or PCP");
    }
    if (internal.state.addresses.empty() && facts_.upnp && !internal.open6.empty())
        input("LAN-03", networkOf(*judge_, internal, internal.open6.front().local.address),
              {false, {parseIpv6Address(kSsdpGroup6).value(), kSsdp}}, "a search by multicast");
    for (const SocketName& each : internal.open6)
        input(each.tcp                   ? "LAN-04"
              : each.local.port == kSsdp ? "LAN-02"
                                         : "LAN-05",
              networkOf(*judge_, internal, each.local.address), each, "a client by IPv6");
}

void LanChecks::input(const char* code, const inspect::Lan& lan, const SocketName& to,
                      const char* who) {
    const Protocol protocol = to.tcp ? Protocol::Tcp : Protocol::Udp;
    const Finding finding = judge_->input(lan, to.local, protocol);
    const bool stopped = finding.fate == Fate::Stopped;
    const std::string command = stopped ? advice_.letThrough(finding) : "";
    lines_.push_back(
        {code, verdictOf(finding.fate),
         fmt::format("{} ({} {}) on {}: {}", who, lowerName(protocol), toString(to.local),
                     lan.interface.text(), judge_->because(finding)),
         stopped && command.empty() ? fmt::format("let {} port {} in on {}", lowerName(protocol),
                                                  to.local.port.value, lan.interface.text())
                                    : "",
         command});
}

/// With the filter of bridges a packet is translated between two ports of a bridge, and a bridge
/// sends nothing back by the port where it came in.
void LanChecks::bridge(const Facts::Internal& internal) {
    if (!internal.isBridge || !facts_.filtersBridges) return;
    lines_.push_back(
        {"LAN-07", Verdict::Note,
         fmt::format("hosts behind one port of the bridge {} may not reach one another at the "
                     "external address: iptables filters bridges",
                     internal.interface.text()),
         "let bridges be bridges; or, for one port: bridge link set dev PORT hairpin on",
         Advice::sysctl("net.bridge.bridge-nf-call-iptables", 0)});
}

/// The daemon needs no loopback, but much else on a router does.
void LanChecks::loopback() {
    if (judge_ == nullptr) return;
    const Finding finding = judge_->loopback();
    if (finding.fate != Fate::Stopped) return;
    lines_.push_back(
        {"LAN-09", Verdict::Note,
         "programs of this router do not reach one another by lo: " + judge_->because(finding), "",
         advice_.letOut(finding)});
}

}  // namespace igd::ctl
