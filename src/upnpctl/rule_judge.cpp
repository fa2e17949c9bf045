// SPDX-License-Identifier: GPL-2.0-or-later
#include "rule_judge.h"

#include "upnpd/inspect/ordinary.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::ctl {
namespace {

using inspect::Fate;
using inspect::Finding;
using inspect::Lan;

bool isIpv6(const IpAddress& address) {
    return std::holds_alternative<Ipv6Address>(address);
}

bool contains(const Lan& lan, const IpAddress& address) {
    if (isIpv6(lan.address) != isIpv6(address)) return false;
    if (const auto* const ipv6 = std::get_if<Ipv6Address>(&address))
        return Ipv6Prefix{std::get<Ipv6Address>(lan.address), lan.length}.contains(*ipv6);
    return Ipv4Prefix{std::get<Ipv4Address>(lan.address), lan.length}.contains(
        std::get<Ipv4Address>(address));
}

}  // namespace

Verdict verdictOf(Fate fate) {
    switch (fate) {
        case Fate::Reaches:
            return Verdict::Ok;
        case Fate::Stopped:
            return Verdict::Fail;
        case Fate::Unknown:
            return Verdict::Unknown;
    }
    return Verdict::Unknown;
}

RuleJudge::RuleJudge(const Facts& facts) : facts_(facts) {
    for (const auto& internal : facts.internal)
        for (const Ipv4Prefix& prefix : internal.prefixes)
            if (prefix.length < 32)
                lans_.push_back(
                    {internal.interface, internal.index, prefix.address, prefix.length});
    routes_ = lans_;
    for (const auto& internal : facts.internal)
        for (const Ipv6Prefix& prefix : internal.prefixes6)
            routes_.push_back({internal.interface, internal.index, prefix.address, prefix.length});
}

std::string RuleJudge::nameOf(const Lan& lan) const {
    const auto count = std::ranges::count(lans_, lan.interface, &Lan::interface);
    const std::string& name = lan.interface.text();
    if (count < 2) return name;
    return fmt::format("{} ({})", name,
                       toString(Ipv4Prefix{std::get<Ipv4Address>(lan.address), lan.length}));
}

Finding RuleJudge::wayIn(Protocol protocol, const IpEndpoint& destination,
                         const std::optional<IpEndpoint>& remote,
                         const std::optional<IpEndpoint>& opening) const {
    const inspect::Ruleset& rules = *facts_.rules;
    IpEndpoint source{inspect::ordinaryHost(rules, isIpv6(destination.address)),
                      inspect::ordinaryPort(rules)};
    if (remote) source.address = remote->address;
    if (remote && remote->port != Port{}) source.port = remote->port;
    return inspect::judgeWayIn(
        rules, {facts_.external, facts_.externalIndex, protocol, source, destination, opening},
        [this](const IpAddress& to) -> std::optional<Lan> {
            const auto lan = std::ranges::find_if(
                routes_, [&](const Lan& candidate) { return contains(candidate, to); });
            return lan == routes_.end() ? std::nullopt : std::optional{*lan};
        });
}

Finding RuleJudge::masquerade(const Lan& lan) const {
    return inspect::judgeMasquerade(*facts_.rules, lan, facts_.external);
}

Finding RuleJudge::input(const Facts::Internal& from, const IpEndpoint& to,
                         Protocol protocol) const {
    const Ipv4Prefix& own = from.prefixes.front();
    const Lan lan{from.interface, from.index, own.address, own.length};
    const inspect::Ruleset& rules = *facts_.rules;
    return inspect::judgeInput(
        rules,
        {from.interface, from.index, {clientOf(lan), inspect::ordinaryPort(rules)}, to, protocol});
}

IpAddress RuleJudge::clientOf(const Lan& lan) const {
    return inspect::ordinaryClient(*facts_.rules, lan);
}

std::string RuleJudge::where(const Finding& finding) const {
    return finding.place ? facts_.rules->describe(*finding.place) : finding.reason;
}

const std::string& RuleJudge::textOf(const inspect::Place& place) const {
    const auto [text, isNew] = texts_.try_emplace(place);
    if (isNew && facts_.textOf && place.rule) text->second = facts_.textOf(place);
    return text->second;
}

std::string RuleJudge::because(const Finding& finding) const {
    const std::string text = finding.place ? textOf(*finding.place) : "";
    const std::string rule = text.empty() ? "" : ": " + text;
    if (finding.fate == Fate::Stopped) return fmt::format("STOPPED by {}{}", where(finding), rule);
    if (finding.fate == Fate::Unknown)
        return fmt::format("unknown: {} cannot be judged{}", where(finding), rule);
    return "reaches";
}

std::string RuleJudge::remedy(const Finding& finding, const std::string& interface, Port port,
                              Protocol protocol) const {
    const std::string place = where(finding);
    const auto in = [&](std::string_view part) { return place.find(part) != std::string::npos; };
    if (in("firewalld"))
        return fmt::format("firewall-cmd --permanent --zone=(that of {}) --add-port={}/{}",
                           interface, port.value, lowerName(protocol));
    if (in("ufw"))
        return fmt::format("ufw allow in on {} to any port {} proto {}", interface, port.value,
                           lowerName(protocol));
    if (in("legacy") || in(" INPUT"))
        return fmt::format("iptables -I INPUT -i {} -p {} --dport {} -j ACCEPT", interface,
                           lowerName(protocol), port.value);
    return fmt::format("let {} port {} in on {}", lowerName(protocol), port.value, interface);
}

bool RuleJudge::bothFirewalls() const {
    const auto isUsed = [&](bool legacy) {
        return std::ranges::any_of(facts_.rules->chains, [&](const inspect::Chain& chain) {
            return (chain.kind == inspect::Kind::Legacy) == legacy && !chain.own &&
                   (!chain.rules.empty() || (chain.base && chain.base->policyDrop));
        });
    };
    return isUsed(true) && isUsed(false);
}

}  // namespace igd::ctl
