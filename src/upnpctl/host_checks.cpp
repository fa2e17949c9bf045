// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_checks.h"

#include "route_judge.h"
#include "source_ports.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;

constexpr std::size_t kMostShared = 16384;  // ports of one customer; MAP-E mostly has 240 to 4096
constexpr std::uint64_t kFullPercent = 98;  // the kernel drops first packets of flows at 100

}  // namespace

std::vector<Line> HostChecks::all() {
    forwarding();
    if (judge_ != nullptr)
        for (const inspect::Lan& lan : judge_->lans()) masquerade(lan);
    sharedPorts();
    tracking();
    clock();
    for (const std::string& note : facts_.notes) add("RULES-01", Verdict::Note, note);
    firewalls();
    store();
    return std::move(lines_);
}

void HostChecks::add(std::string code, Verdict verdict, std::string text, std::string remedy,
                     std::string command) {
    lines_.push_back(
        {std::move(code), verdict, std::move(text), std::move(remedy), std::move(command)});
}

void HostChecks::forwarding() {
    if (!facts_.forwards)
        add("FWD-01", Verdict::Fail, "IP forwarding is off: nothing passes this router", "",
            Advice::sysctl("net.ipv4.ip_forward", 1));
    else if (facts_.notForwarding.empty())
        add("FWD-01", Verdict::Ok, "IP forwarding is on");
    else
        for (const std::string& interface : facts_.notForwarding)
            add("FWD-01", Verdict::Fail,
                fmt::format("IP forwarding is off on {}: nothing that comes in there passes",
                            interface),
                "", Advice::sysctl(interfaceSwitch(interface, "forwarding"), 1));
    if (!facts_.pinholes.empty() && !facts_.forwards6)
        add("FWD-01", Verdict::Fail, "forwarding of IPv6 is off: no pinhole is reached", "",
            Advice::sysctl("net.ipv6.conf.all.forwarding", 1));
}

void HostChecks::masquerade(const inspect::Lan& lan) {
    const Finding finding = judge_->masquerade(lan);
    const std::string flows =
        fmt::format("flows from {} to {}", judge_->nameOf(lan), facts_.external.text());
    const auto& other = finding.translatedTo;
    if (finding.fate == Fate::Stopped && other) {
        const auto address = facts_.externalAddress();
        const bool own = address && other->address == IpAddress{*address};
        return add("NAT-01", own ? Verdict::Ok : Verdict::Note,
                   fmt::format("{} leave with {}", flows, toString(other->address)),
                   own ? "" : "mappings are reached at the address of the interface alone");
    }
    if (finding.fate == Fate::Reaches)
        return add("NAT-01", Verdict::Ok, flows + " are masqueraded");
    if (finding.reason == "no masquerade")
        return add("NAT-01", verdictOf(finding.fate), flows + ": not masqueraded", "",
                   advice_.masquerade());
    const std::string command = advice_.letOut(finding);
    add("NAT-01", verdictOf(finding.fate), fmt::format("{}: {}", flows, judge_->because(finding)),
        command.empty() ? "let the hosts of the LAN out there" : "", command);
}

/// A rule that names few ports is that of an address which others share.
void HostChecks::sharedPorts() {
    const std::vector<PortRange> ports = sourcePorts(facts_);
    std::size_t count = 0;
    std::string text;
    for (const PortRange& each : ports) {
        count += each.last.value - each.first.value + 1U;
        text += (text.empty() ? "" : ",") + toString(each);
    }
    if (ports.empty() || count > kMostShared) return;
    if (facts_.externalPorts == ports)
        return add("NAT-02", Verdict::Ok, "external_ports are those of the host's rules: " + text);
    add("NAT-02", Verdict::Note,
        fmt::format("the host's rules let flows leave by the ports {} alone: mappings of others "
                    "are not reached where the address is shared",
                    text),
        fmt::format("write into upnpd.conf: external_ports = {}", text));
}

void HostChecks::tracking() {
    if (facts_.trackedMost == 0 || facts_.tracked * 100 < facts_.trackedMost * kFullPercent) return;
    add("CT-01", Verdict::Fail,
        fmt::format("connection tracking is full ({} of {}): new flows are dropped", facts_.tracked,
                    facts_.trackedMost),
        "find out who opens so many (conntrack -L), or let there be more",
        Advice::sysctl("net.netfilter.nf_conntrack_max", static_cast<int>(2 * facts_.trackedMost)));
}

void HostChecks::clock() {
    if (!facts_.clockIsBehind) return;
    add("CLK-01", Verdict::Note,
        "the clock is wrong: it shows a time before this program was built",
        "leases last as long as they should, but the log's times are wrong",
        "timedatectl set-ntp true");
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

/// There is no line where no store is named.
void HostChecks::store() {
    if (!facts_.store) return;
    const Facts::Store& store = *facts_.store;
    if (!store.problem.empty())
        return add("STO-01", Verdict::Fail,
                   fmt::format("{} does not keep the leases, {} change(s) wait: {}", store.place,
                               store.waiting, store.problem),
                   "mappings go on; mend it, and what has changed is written by itself");
    if (!store.leads)
        return add("STO-01", Verdict::Fail,
                   fmt::format("{} keeps the leases of {}, and not those of this router",
                               store.place, store.leader.empty() ? "another daemon" : store.leader),
                   "give each router a database of its own in lease_store");
    add("STO-01", Verdict::Ok, fmt::format("{} keeps the leases", store.place));
}

}  // namespace igd::ctl
