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
    for (const auto& internal : facts.internal) {
        const auto add = [&](std::vector<Lan>& to, const IpAddress& address, std::uint8_t length) {
            to.push_back({internal.interface, static_cast<std::uint32_t>(internal.state.index),
                          address, length});
        };
        for (const Ipv4Prefix& each : internal.state.addresses)
            if (each.length < 32) add(lans_, each.address, each.length);
        for (const Ipv4Prefix& each : internal.state.routed) add(lans_, each.address, each.length);
        for (const Ipv6Prefix& each : internal.state.addresses6)
            if (each.address.isGlobal()) add(lans6_, each.address, each.length);
        for (const Ipv6Prefix& each : internal.state.routed6)
            add(lans6_, each.address, each.length);
    }
}

std::string RuleJudge::nameOf(const Lan& lan) const {
    const auto* const six = std::get_if<Ipv6Address>(&lan.address);
    const auto count =
        std::ranges::count(six != nullptr ? lans6_ : lans_, lan.interface, &Lan::interface);
    const std::string& name = lan.interface.text();
    if (count < 2) return name;
    const std::string network =
        six != nullptr ? toString(Ipv6Prefix{*six, lan.length})
                       : toString(Ipv4Prefix{std::get<Ipv4Address>(lan.address), lan.length});
    return fmt::format("{} ({})", name, network);
}

Finding RuleJudge::wayIn(Protocol protocol, const IpEndpoint& destination,
                         const std::optional<IpEndpoint>& remote,
                         const std::optional<IpEndpoint>& opening) const {
    const inspect::Ruleset& rules = *facts_.rules;
    const bool ipv6 = isIpv6(destination.address);
    IpEndpoint source{this->remote(ipv6), anyPort()};
    if (remote) source.address = remote->address;
    if (remote && remote->port != Port{}) source.port = remote->port;
    return inspect::judgeWayIn(
        rules,
        {facts_.externalOf(ipv6), facts_.indexOf(ipv6), protocol, source, destination, opening},
        [this](const IpAddress& to) -> std::optional<Lan> {
            const auto& lans = isIpv6(to) ? lans6_ : lans_;
            const auto lan = std::ranges::find_if(
                lans, [&](const Lan& candidate) { return contains(candidate, to); });
            return lan == lans.end() ? std::nullopt : std::optional{*lan};
        });
}

IpAddress RuleJudge::remote(bool ipv6) const {
    auto& known = ipv6 ? remote6_ : remote4_;
    if (!known) known = inspect::ordinaryHost(*facts_.rules, ipv6);
    return *known;
}

Port RuleJudge::anyPort() const {
    if (!anyPort_) anyPort_ = inspect::ordinaryPort(*facts_.rules);
    return *anyPort_;
}

Finding RuleJudge::masquerade(const Lan& lan) const {
    return inspect::judgeMasquerade(*facts_.rules, lan, facts_.external);
}

Finding RuleJudge::input(const Lan& from, const IpEndpoint& to, Protocol protocol) const {
    return inspect::judgeInput(
        *facts_.rules, {from.interface, from.index, {clientOf(from), anyPort()}, to, protocol});
}

Finding RuleJudge::loopback() const {
    const IpEndpoint own{Ipv4Address{0x7f000001}, anyPort()};
    return inspect::judgeInput(*facts_.rules,
                               {*InterfaceName::parse("lo"), 1, own, own, Protocol::Tcp});
}

IpAddress RuleJudge::clientOf(const Lan& lan) const {
    const auto [client, isNew] = clients_.try_emplace({lan.address, lan.length});
    if (isNew) client->second = inspect::ordinaryClient(*facts_.rules, lan);
    return client->second;
}

std::string RuleJudge::where(const Finding& finding) const {
    return finding.place ? facts_.rules->describe(*finding.place) : finding.reason;
}

std::string RuleJudge::named(const inspect::Place& place) const {
    const std::string& text = textOf(place);
    return facts_.rules->describe(place) + (text.empty() ? "" : ": " + text);
}

const std::string& RuleJudge::textOf(const inspect::Place& place) const {
    const auto [text, isNew] = texts_.try_emplace(place);
    if (isNew && facts_.textOf && place.rule) text->second = facts_.textOf(place);
    return text->second;
}

std::string RuleJudge::because(const Finding& finding) const {
    const std::string text = finding.place ? textOf(*finding.place) : "";
    const std::string rule = text.empty() ? "" : ": " + text;
    if (finding.fate == Fate::Stopped) {
        const bool answer = finding.stopped && finding.stopped->packet.reply;
        return fmt::format("{}STOPPED by {}{}", answer ? "its answers are " : "", where(finding),
                           rule);
    }
    if (finding.fate == Fate::Unknown)
        return fmt::format("unknown: {} cannot be judged{}", where(finding), rule);
    return "reaches";
}

bool RuleJudge::hasOwnRules() const {
    return std::ranges::any_of(facts_.rules->chains, &inspect::Chain::own);
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
