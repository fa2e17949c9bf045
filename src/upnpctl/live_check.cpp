// SPDX-License-Identifier: GPL-2.0-or-later
#include "live_check.h"

#include "advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;

std::optional<IpEndpoint> internalOf(const Facts& facts, const MappingKey& key) {
    const auto mapping = facts.mappingAt(key);
    const auto client =
        mapping ? parseIpv4Address(mapping->value("internal_address", "")) : std::nullopt;
    if (!client) return std::nullopt;
    return IpEndpoint{*client, Port{mapping->value("internal_port", std::uint16_t{0})}};
}

/// The ports that the packet may have: those asked for, and those that they are translated to.
std::vector<Port> portsOf(const Facts& facts, const std::vector<MappingKey>& keys,
                          const RuleJudge* judge) {
    std::vector<Port> ports;
    for (const MappingKey& key : keys) {
        ports.push_back(key.externalPort);
        if (const auto internal = internalOf(facts, key)) ports.push_back(internal->port);
        const auto external = facts.externalAddress();
        if (judge == nullptr || !external) continue;
        const auto led =
            judge->wayIn(key.protocol, {*external, key.externalPort}, std::nullopt, std::nullopt);
        if (led.translatedTo) ports.push_back(led.translatedTo->port);
    }
    std::ranges::sort(ports);
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    return ports;
}

Line neverArrived(const Facts& facts) {
    return {"LIVE-01", Verdict::Fail, fmt::format("nothing arrived at {}", facts.external.text()),
            "did the friend send it to the right address? Else what is in front of this router "
            "keeps it: the provider, or a modem that is a router"};
}

/// Asks the rules what became of that very packet.
Line notForwarded(const PassedPacket& packet, const Facts& facts, const RuleJudge* judge) {
    Line line{"LIVE-02", Verdict::Fail, "it did not leave for the LAN", ""};
    if (judge == nullptr) return line;
    const auto internal = internalOf(facts, {packet.protocol, packet.destination.port});
    const Finding finding =
        judge->wayIn(packet.protocol, packet.destination, packet.source, internal);
    if (finding.fate == Fate::Reaches) {
        line.text += ", though no rule stops it: see the other lines of upnpctl check";
        return line;
    }
    line.text += ": " + judge->because(finding);
    if (finding.reason == "no translation")
        line.remedy = "nobody has mapped that port";
    else
        line.command = Advice{facts}.letThrough(finding);
    return line;
}

std::string nameOf(const Facts& facts, std::uint32_t index) {
    for (const auto& internal : facts.internal)
        if (static_cast<std::uint32_t>(internal.state.index) == index)
            return internal.interface.text();
    return facts.external.text();
}

Line answerOf(const LiveTrace& trace, const Facts& facts) {
    const std::string client = toString(trace.forwarded()->destination);
    const auto& answer = trace.answered();
    if (!answer)
        return {"LIVE-03", Verdict::Fail, fmt::format("{} did not answer", client),
                "does the program run there and listen on that port, and does the host's own "
                "firewall let it in?"};
    if (answer->resets)
        return {"LIVE-03", Verdict::Fail,
                fmt::format("{} refused it: nobody listens there", client),
                "start the program there that is to answer"};
    if (!trace.returned())
        return {"LIVE-03", Verdict::Fail,
                fmt::format("{} answered, but nothing left by {}", client, facts.external.text()),
                "see the lines WAN-03 and MAP-01 of upnpctl check"};
    return {"LIVE-03", Verdict::Ok,
            fmt::format("{} answered, and the answer left by {}", client, facts.external.text()),
            ""};
}

}  // namespace

std::vector<Line> linesOf(const LiveTrace& trace, const Facts& facts, const RuleJudge* judge) {
    const auto& arrived = trace.arrived();
    if (!arrived) return {neverArrived(facts)};
    std::vector<Line> lines{{"LIVE-01", Verdict::Ok,
                             fmt::format("{} {} -> {} arrived at {}", lowerName(arrived->protocol),
                                         toString(arrived->source), toString(arrived->destination),
                                         facts.external.text()),
                             ""}};
    if (!trace.forwarded()) {
        lines.push_back(notForwarded(*arrived, facts, judge));
        if (trace.returned()) lines.back().text += "; the router itself answered";
        return lines;
    }
    lines.push_back(
        {"LIVE-02", Verdict::Ok,
         fmt::format("translated to {}, it left by {}", toString(trace.forwarded()->destination),
                     nameOf(facts, trace.forwarded()->interface)),
         ""});
    lines.push_back(answerOf(trace, facts));
    return lines;
}

std::vector<Line> checkLive(const Facts& facts, const std::vector<MappingKey>& keys, Seconds wait) {
    const auto judge = facts.rules ? std::make_unique<RuleJudge>(facts) : nullptr;
    std::vector<std::uint32_t> inside;
    for (const auto& internal : facts.internal)
        inside.push_back(static_cast<std::uint32_t>(internal.state.index));
    LiveTrace trace{static_cast<std::uint32_t>(facts.outside.index), std::move(inside), keys};
    PacketWatch watch{portsOf(facts, keys, judge.get())};
    const TimePoint last = Clock::now() + wait;
    while (Clock::now() < trace.end(last))
        if (const auto packet = watch.next(trace.end(last))) trace.see(*packet, Clock::now());
    return linesOf(trace, facts, judge.get());
}

}  // namespace igd::ctl
