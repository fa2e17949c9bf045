// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/openings.h"

#include "path_packets.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace igd::inspect {
namespace {

/// A stop of one kind of packets in a forward chain.
struct Stop {
    ChainId chain = kNoChain;
    std::uint32_t position = 0;
    auto operator<=>(const Stop&) const = default;
};

std::uint32_t foreignBefore(const Chain& chain, std::size_t index) {
    const auto end =
        chain.rules.begin() + static_cast<std::ptrdiff_t>(std::min(index, chain.rules.size()));
    return static_cast<std::uint32_t>(
        std::count_if(chain.rules.begin(), end, [](const Rule& rule) { return rule.opening < 0; }));
}

Stop stopAt(const Ruleset& rules, const Place& place) {
    const Chain& chain = rules.chains[place.chain];
    return {place.chain, foreignBefore(chain, place.rule.value_or(chain.rules.size()))};
}

/// The kinds of packets that stop at one place, for one LAN.
struct Stopped {
    std::set<Protocol> fresh;
    std::set<Protocol> in;    ///< established, from outside
    std::set<Protocol> back;  ///< established, the answers
    bool operator==(const Stopped&) const = default;
};
using Stops = std::map<Stop, Stopped>;

/// Returns the bits of the mark that a rule of ours asks for; 0: none.
std::uint32_t markBitsOf(std::span<const Step> steps) {
    for (const Step& step : steps) {
        const auto* const comparison = std::get_if<Comparison>(&step);
        if (comparison == nullptr || comparison->field != Field::Mark) continue;
        std::uint32_t bits = 0;
        for (std::size_t i = Word::kSize - sizeof bits; i < Word::kSize; ++i)
            bits = bits << 8 | comparison->first.octets[i];
        return bits;
    }
    return 0;
}

class Planner {
public:
    Planner(const Ruleset& rules, const Path& path, const Wishes& wishes)
        : rules_(rules), path_(path), wishes_(wishes), packets_(rules, path) {}

    Plan plan() {
        std::vector<Stops> all;
        for (std::size_t lan = 0; lan < path_.lans.size(); ++lan) all.push_back(stopsOf(lan));
        if (wishes_.insert != Insert::Never) open(all);
        for (std::size_t lan = 0; lan < path_.lans.size(); ++lan) lookElsewhere(lan);
        std::ranges::sort(plan_.openings);
        plan_.openings.erase(std::unique(plan_.openings.begin(), plan_.openings.end()),
                             plan_.openings.end());
        return std::move(plan_);
    }

private:
    void close(const Place& place) {
        if (std::ranges::find(plan_.closed, place) == plan_.closed.end())
            plan_.closed.push_back(place);
    }

    void markBefore(ChainId base) {
        constexpr int kAhead = 5;
        plan_.markPriority =
            std::min(plan_.markPriority, rules_.chains[base].base->priority - kAhead);
    }

    /// Returns for each base chain the rules that stop packets, and which packets.
    Stops stopsOf(std::size_t lan) {
        Stops stops;
        for (const ChainId base : rules_.basesAt(Hook::Forward, path_.ipv6))
            for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
                note(stops, base, packets_.in(lan, protocol, true), &Stopped::fresh);
                note(stops, base, packets_.in(lan, protocol, false), &Stopped::in);
                note(stops, base, packets_.back(lan, protocol), &Stopped::back);
            }
        return stops;
    }

    void note(Stops& stops, ChainId base, Packet packet, std::set<Protocol> Stopped::*kind) {
        const Protocol protocol = packet.protocol;
        const Finding finding = judgeChain(rules_, base, packet, Doubt::Ordinary);
        if (finding.fate != Fate::Stopped) return;
        const Chain& chain = rules_.chains[finding.place->chain];
        // Where the administrator has named his chain it is his to lead packets there.
        if (!wishes_.chain.empty() && chain.name != wishes_.chain) return;
        if (wishes_.insert == Insert::Never || !chain.writable) return close(*finding.place);
        markBefore(base);
        (stops[stopAt(rules_, *finding.place)].*kind).insert(protocol);
    }

    /// Where the LANs are treated alike the rules name no interface.
    void open(const std::vector<Stops>& all) {
        if (all.empty()) return;
        const bool alike =
            std::ranges::all_of(all, [&](const Stops& stops) { return stops == all.front(); });
        for (std::size_t i = 0; i < (alike ? 1 : all.size()); ++i)
            for (const auto& [stop, stopped] : all[i])
                openOne(stop, stopped,
                        alike ? std::nullopt : std::optional{path_.lans[i].interface.text()});
        if (!wishes_.chain.empty() || wishes_.insert == Insert::Always) openAnyway();
    }

    void openOne(Stop stop, const Stopped& stopped, const std::optional<std::string>& lan) {
        if (wishes_.append)
            stop.position =
                foreignBefore(rules_.chains[stop.chain], rules_.chains[stop.chain].rules.size());
        std::set<Protocol> inAll = stopped.in;
        inAll.insert(stopped.fresh.begin(), stopped.fresh.end());
        const bool bothWays = !lan && stopped.in == stopped.back;
        if (bothWays && stopped.fresh == stopped.in)
            return add(stop, stopped.fresh, {.fresh = true, .established = true});
        add(stop, stopped.fresh, {.fresh = true, .established = false, .out = lan});
        if (bothWays) return add(stop, stopped.in, {.fresh = false, .established = true});
        // Established packets of one direction alone are told by the interface.
        Opening inwards{.fresh = false, .established = true, .out = lan};
        Opening back{.fresh = false, .established = true, .in = lan};
        if (!lan) inwards.in = back.out = path_.external.text();
        add(stop, stopped.in, inwards);
        add(stop, stopped.back, back);
    }

    void add(const Stop& stop, const std::set<Protocol>& protocols, Opening opening) {
        if (protocols.empty()) return;
        opening.chain = stop.chain;
        opening.position = stop.position;
        if (protocols.size() == 1) opening.protocol = *protocols.begin();
        plan_.openings.push_back(std::move(opening));
    }

    /// The administrator wants the rule in chains that stop nothing now. One of his own may hang
    /// anywhere on the hook.
    void openAnyway() {
        if (!wishes_.chain.empty())
            for (const ChainId base : rules_.basesAt(Hook::Forward, path_.ipv6))
                if (!rules_.chains[base].own) markBefore(base);
        for (ChainId id = 0; id < rules_.chains.size(); ++id) {
            const Chain& chain = rules_.chains[id];
            const bool named = !wishes_.chain.empty() && chain.name == wishes_.chain;
            const bool filter = wishes_.chain.empty() && chain.base &&
                                chain.base->hook == Hook::Forward && chain.base->priority >= 0;
            if (chain.own || !(named || filter) || isOpened(id)) continue;
            const std::size_t at = wishes_.append ? chain.rules.size() : 0;
            Opening& opening = plan_.openings.emplace_back();
            opening.chain = id;
            opening.position = foreignBefore(chain, at);
            opening.established = true;
        }
    }

    [[nodiscard]] bool isOpened(ChainId chain) const {
        return std::ranges::any_of(plan_.openings,
                                   [&](const Opening& one) { return one.chain == chain; });
    }

    /// No rule of ours in a forward chain helps a packet that another hook stops.
    void lookElsewhere(std::size_t lan) {
        for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
            Packet packet = packets_.arriving(protocol);
            for (const Hook hook : {Hook::Ingress, Hook::Prerouting}) closeIfStopped(hook, packet);
            packet = packets_.in(lan, protocol, true);
            for (const Hook hook : {Hook::Postrouting, Hook::Egress}) closeIfStopped(hook, packet);
        }
    }

    void closeIfStopped(Hook hook, Packet& packet) {
        const Finding finding = judgeHook(rules_, hook, packet, Doubt::Ordinary);
        if (finding.fate == Fate::Stopped) close(*finding.place);
    }

    const Ruleset& rules_;
    const Path& path_;
    const Wishes& wishes_;
    PathPackets packets_;
    Plan plan_;
};

}  // namespace

std::string Opening::comment(std::string_view tag) const {
    std::string conditions;
    if (fresh != established) conditions += fresh ? " new" : " established";
    if (protocol) conditions += fmt::format(" {}", lowerName(*protocol));
    if (in) conditions += fmt::format(" in {}", *in);
    if (out) conditions += fmt::format(" out {}", *out);
    return fmt::format("{}{}{}", tag, conditions.empty() ? "" : ":", conditions);
}

Plan planOpenings(const Ruleset& rules, const Path& path, const Wishes& wishes) {
    return Planner{rules, path, wishes}.plan();
}

Plan planOpenings(const Ruleset& rules, std::span<const Path> paths, const Wishes& wishes) {
    Plan all;
    for (const Path& path : paths) {
        const Plan plan = planOpenings(rules, path, wishes);
        all.openings.insert(all.openings.end(), plan.openings.begin(), plan.openings.end());
        for (const Place& place : plan.closed)
            if (std::ranges::find(all.closed, place) == all.closed.end())
                all.closed.push_back(place);
        all.markPriority = std::min(all.markPriority, plan.markPriority);
    }
    std::ranges::sort(all.openings);
    all.openings.erase(std::unique(all.openings.begin(), all.openings.end()), all.openings.end());
    return all;
}

std::vector<Standing> standingOpenings(const Ruleset& rules, std::string_view tag) {
    std::vector<Standing> standing;
    for (ChainId id = 0; id < rules.chains.size(); ++id) {
        const Chain& chain = rules.chains[id];
        std::uint32_t position = 0;
        for (const Rule& rule : chain.rules) {
            if (rule.opening < 0) {
                ++position;
                continue;
            }
            const std::string& comment = chain.openings[static_cast<std::size_t>(rule.opening)];
            if (comment == tag || comment.starts_with(std::string{tag} + ":"))
                standing.push_back({id, position, comment, rule.handle, rule.number,
                                    markBitsOf(chain.stepsOf(rule))});
        }
    }
    return standing;
}

}  // namespace igd::inspect
