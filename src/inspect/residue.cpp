// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/residue.h"

#include "match.h"
#include "path_packets.h"

#include <algorithm>
#include <map>

namespace igd::inspect {
namespace {

/// Copies what may apply to packets that are like `packet` but for destination and mark.
class Thinner {
public:
    Thinner(const Ruleset& from, const Plan& plan, Packet packet)
        : from_(from), plan_(plan), any_(packet), one_(std::move(packet)) {
        any_.anyDestination = true;
        any_.mark = any_.flowMark = std::nullopt;
    }

    /// Takes the base chains of `hook` over.
    void take(Ruleset& to, Hook hook) {
        for (const ChainId id : from_.basesAt(hook, any_.isIpv6()))
            if (!from_.chains[id].own && !from_.chains[id].base->translates) take(to, id);
    }

private:
    ChainId take(Ruleset& to, ChainId id) {
        const auto [place, isNew] = taken_.try_emplace(id, kNoChain);
        if (!isNew) return place->second;
        const Chain& chain = from_.chains[id];
        const ChainId target = to.idOf(chain.kind, chain.family, chain.table, chain.name);
        place->second = target;
        to.chains[target].base = chain.base;
        to.chains[target].own = chain.own;
        std::uint32_t position = 0;
        for (const Rule& rule : chain.rules) {
            if (rule.opening >= 0) continue;
            if (opens(to, target, id, position++)) return target;
            if (endsWith(to, target, chain, rule)) return target;
        }
        opens(to, target, id, position);
        return target;
    }

    /// Puts our rule there, if it lets these packets pass; then nothing behind it matters.
    bool opens(Ruleset& to, ChainId target, ChainId id, std::uint32_t position) const {
        const auto lets = [&](const Opening& opening) {
            return opening.chain == id && opening.position == position && opening.fresh &&
                   (!opening.protocol || *opening.protocol == one_.protocol) &&
                   (!opening.in || *opening.in == one_.in) &&
                   (!opening.out || *opening.out == one_.out);
        };
        if (std::ranges::none_of(plan_.openings, lets)) return false;
        const Step accept = Verdict{Ending::Accept};
        to.chains[target].add(0, {&accept, 1}, "");
        return true;
    }

    /// Takes one rule over. True: it always ends the chain.
    bool endsWith(Ruleset& to, ChainId target, const Chain& chain, const Rule& rule) {
        std::vector<Step> kept;
        bool always = true;
        for (const Step& step : chain.stepsOf(rule)) {
            if (!isCondition(step)) {
                kept.push_back(moved(to, step));
                continue;
            }
            const Truth truth = matches(any_, step);
            if (truth == Truth::No) return false;
            if (truth == Truth::Yes) continue;
            // Nothing is known of it for any destination: an ordinary packet does not meet it.
            if (matches(one_, step) == Truth::Unknown) return false;
            always = false;
            kept.push_back(step);
        }
        if (std::ranges::all_of(kept, isCondition)) return false;
        Chain& thin = to.chains[target];
        thin.add(rule.handle, kept);
        thin.rules.back().number = rule.number;
        const auto* const verdict = std::get_if<Verdict>(&kept.back());
        return always && verdict != nullptr && verdict->ending != Ending::Jump &&
               verdict->ending != Ending::Unknown;
    }

    /// A verdict leads to chains by their places in the thin ruleset.
    Step moved(Ruleset& to, const Step& step) {
        if (const auto* const verdict = std::get_if<Verdict>(&step)) return moved(to, *verdict);
        const auto* const map = std::get_if<VerdictMap>(&step);
        if (map == nullptr || !map->verdicts) return step;
        std::vector<Verdict> verdicts;
        for (const Verdict& verdict : *map->verdicts) verdicts.push_back(moved(to, verdict));
        VerdictMap copy = *map;
        copy.verdicts = std::make_shared<const std::vector<Verdict>>(std::move(verdicts));
        return copy;
    }
    Verdict moved(Ruleset& to, const Verdict& verdict) {
        if (verdict.chain == kNoChain) return verdict;
        return {verdict.ending, take(to, verdict.chain)};
    }

    const Ruleset& from_;
    const Plan& plan_;
    Packet any_;
    Packet one_;
    std::map<ChainId, ChainId> taken_;
};

std::optional<std::string> stopIn(const Ruleset& rules, std::initializer_list<Hook> hooks,
                                  Packet& packet) {
    for (const Hook hook : hooks) {
        const Finding finding = judgeHook(rules, hook, packet, Doubt::Ordinary);
        if (finding.fate == Fate::Stopped) return rules.describe(*finding.place);
    }
    return std::nullopt;
}

bool contains(const Lan& lan, const IpAddress& address) {
    const auto* const ipv4 = std::get_if<Ipv4Address>(&lan.address);
    const auto* const other = std::get_if<Ipv4Address>(&address);
    if (ipv4 != nullptr && other != nullptr) return Ipv4Prefix{*ipv4, lan.length}.contains(*other);
    const auto* const ipv6 = std::get_if<Ipv6Address>(&lan.address);
    const auto* const other6 = std::get_if<Ipv6Address>(&address);
    return ipv6 != nullptr && other6 != nullptr && Ipv6Prefix{*ipv6, lan.length}.contains(*other6);
}

}  // namespace

Residue::Residue(const Ruleset& rules, const Path& path, const Plan& plan) {
    const PathPackets packets{rules, path};
    for (std::size_t lan = 0; lan < path.lans.size(); ++lan)
        for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
            Part& part = parts_.emplace_back(Part{protocol,
                                                  path.lans[lan],
                                                  {},
                                                  {},
                                                  packets.arriving(protocol),
                                                  packets.in(lan, protocol, true)});
            Thinner before{rules, plan, part.arriving};
            before.take(part.before, Hook::Ingress);
            before.take(part.before, Hook::Prerouting);
            Thinner behind{rules, plan, part.forwarded};
            for (const Hook hook : {Hook::Forward, Hook::Postrouting, Hook::Egress})
                behind.take(part.behind, hook);
        }
}

std::optional<std::string> Residue::stop(const Part& part, const IpEndpoint& external,
                                         const IpEndpoint& internal) {
    Packet packet = part.arriving;
    packet.destination = packet.originalDestination = external;
    if (auto stop = stopIn(part.before, {Hook::Ingress, Hook::Prerouting}, packet)) return stop;
    packet = part.forwarded;
    packet.opened = true;
    packet.originalDestination = external;
    packet.destination = internal;
    return stopIn(part.behind, {Hook::Forward, Hook::Postrouting, Hook::Egress}, packet);
}

std::optional<std::string> Residue::stop(Protocol protocol, const IpEndpoint& external,
                                         const IpEndpoint& internal) const {
    const bool known = std::ranges::any_of(
        parts_, [&](const Part& part) { return contains(part.lan, internal.address); });
    std::optional<std::string> stops;
    for (const Part& part : parts_) {
        if (part.protocol != protocol || (known && !contains(part.lan, internal.address))) continue;
        const auto found = stop(part, external, internal);
        if (!found) return std::nullopt;
        stops = found;
    }
    return stops;
}

}  // namespace igd::inspect
