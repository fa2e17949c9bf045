// SPDX-License-Identifier: GPL-2.0-or-later
// All ports walk through the nat chains at once. Each rule takes from the set of those that are
// still on their way the ones that it is about:
//
//     tcp dport { 80, 8000-8010 } dnat to 192.168.1.5    80, 8000-8010 are led elsewhere
//     tcp dport 0-1023 accept                            0-79, 81-1023 have passed
//     dnat to 192.168.1.6                                all others are led elsewhere
#include "upnpd/inspect/forwards.h"

#include "match.h"
#include "port_set.h"

#include "upnpd/inspect/ordinary.h"

#include <algorithm>
#include <cstddef>

namespace igd::inspect {
namespace {

constexpr std::size_t kMostLooks = 100'000;  // at rules in one walk
constexpr int kDeepestJump = 16;             // as in the kernel

class PortWalk {
public:
    PortWalk(const Ruleset& rules, Packet packet) : rules_(rules), packet_(std::move(packet)) {}

    /// Walks through all nat chains of others; false: it would take too long.
    bool walk() {
        PortSet ports = portsBetween(1, 65535);
        for (const ChainId id : rules_.basesAt(Hook::Prerouting, packet_.isIpv6())) {
            const Chain& chain = rules_.chains[id];
            if (!chain.base->translates || chain.own) continue;
            accepted_.reset();
            ports = run(id, ports, 0);
            if (chain.base->policyDrop) ports.reset();
            ports |= accepted_;  // by this chain: the next one sees them
        }
        return looks_ <= kMostLooks;
    }
    /// Returns the rule that leads a port elsewhere; nullopt: none.
    [[nodiscard]] std::optional<Place> ruleOf(std::size_t port) const {
        return byPort_[port] == 0 ? std::nullopt : std::optional{places_[byPort_[port] - 1]};
    }

private:
    /// Returns those that come to the end of the chain.
    PortSet run(ChainId id, PortSet ports, int depth) {
        const Chain& chain = rules_.chains[id];
        if (chain.own || depth > kDeepestJump) return ports;
        PortSet returned;
        for (std::uint32_t index = 0; index < chain.rules.size() && ports.any(); ++index) {
            if (++looks_ > kMostLooks) return {};
            if (chain.rules[index].opening >= 0) continue;
            apply({id, index}, ports, returned, depth);
        }
        return ports | returned;
    }

    /// Takes from `ports` those that the rule ends the way of.
    void apply(const Place& place, PortSet& ports, PortSet& returned, int depth) {
        const Chain& chain = rules_.chains[place.chain];
        const auto steps = chain.stepsOf(chain.rules[*place.rule]);
        if (isForNone(steps)) return;
        PortSet meeting = ports;
        for (const Step& step : steps) {
            if (isCondition(step)) {
                meeting &= portsThatMeet(packet_, step);
                if (meeting.none()) return;
            } else if (const auto* const verdict = std::get_if<Verdict>(&step)) {
                return follow(*verdict, meeting, ports, returned, depth);
            } else if (const auto* const map = std::get_if<VerdictMap>(&step)) {
                return follow(*map, meeting, ports, returned, depth);
            } else if (const auto* const translation = std::get_if<Translation>(&step)) {
                return translate(*translation, place, meeting, ports);
            } else {
                changeFor(meeting == ports, step);
            }
        }
    }

    /// Most rules are about other packets, whatever port these have: no set is made for them.
    [[nodiscard]] bool isForNone(std::span<const Step> steps) const {
        for (const Step& step : steps) {
            if (!isCondition(step)) return false;
            if (!asksForPort(step) && matches(packet_, step) != Truth::Yes) return true;
        }
        return true;
    }

    /// A mark that only some of the ports get is on the packet or is not.
    void changeFor(bool everyPort, const Step& step) {
        const auto* const mark = std::get_if<MarkChange>(&step);
        if (everyPort || mark == nullptr)
            change(packet_, step);
        else
            change(packet_, MarkChange{mark->field, 0, std::nullopt});
    }

    void follow(const Verdict& verdict, const PortSet& meeting, PortSet& ports, PortSet& returned,
                int depth) {
        if (verdict.ending == Ending::Unknown) return;
        ports &= ~meeting;
        if (verdict.ending == Ending::Accept) accepted_ |= meeting;
        if (verdict.ending == Ending::Return) returned |= meeting;
        if (verdict.ending == Ending::Jump) ports |= run(verdict.chain, meeting, depth + 1);
        if (verdict.ending == Ending::Goto) returned |= run(verdict.chain, meeting, depth + 1);
    }

    void follow(const VerdictMap& map, PortSet meeting, PortSet& ports, PortSet& returned,
                int depth) {
        if (!map.keys || !map.verdicts) return;
        forEachElement(packet_, map.operands, *map.keys,
                       [&](std::size_t element, const PortSet& some) {
                           const PortSet taken = meeting & some;
                           meeting &= ~taken;
                           if (taken.any() && element < map.verdicts->size())
                               follow((*map.verdicts)[element], taken, ports, returned, depth);
                       });
    }

    void translate(const Translation& translation, const Place& place, const PortSet& meeting,
                   PortSet& ports) {
        PortSet taken = meeting;
        if (const auto& map = translation.map) {
            PortSet keys;
            if (map->keys)
                forEachElement(packet_, map->operands, *map->keys,
                               [&](std::size_t, const PortSet& some) { keys |= some; });
            taken &= keys;
        }
        if (taken.none()) return;
        ports &= ~taken;
        if (translation.kind != Translating::Destination &&
            translation.kind != Translating::Redirect)
            return;
        places_.push_back(place);
        for (std::size_t port = taken._Find_first(); port < taken.size();
             port = taken._Find_next(port))
            byPort_[port] = static_cast<std::uint32_t>(places_.size());
    }

    const Ruleset& rules_;
    Packet packet_;
    PortSet accepted_;
    std::vector<Place> places_;
    std::vector<std::uint32_t> byPort_ = std::vector<std::uint32_t>(PortSet{}.size());  ///< 0: none
    std::size_t looks_ = 0;
};

/// Adds a port, or joins it to its neighbour of the same rule.
void add(std::vector<Forward>& forwards, const Forward& forward) {
    const bool joins = !forwards.empty() && forwards.back().protocol == forward.protocol &&
                       forwards.back().rule == forward.rule &&
                       forwards.back().ports.last.value + 1 == forward.ports.first.value;
    if (joins)
        forwards.back().ports.last = forward.ports.last;
    else
        forwards.push_back(forward);
}

}  // namespace

std::optional<std::vector<Forward>> forwardsOf(const Ruleset& rules, const InterfaceName& external,
                                               std::uint32_t index,
                                               std::span<const Ipv4Address> addresses) {
    const std::vector<Ipv4Address> to = addresses.empty()
                                            ? std::vector{Ipv4Address{}}
                                            : std::vector(addresses.begin(), addresses.end());
    Packet packet;
    packet.in = external.text();
    packet.inIndex = index;
    packet.source = packet.originalSource = {ordinaryHost(rules, false), ordinaryPort(rules)};
    packet.destinationType = rtn::kLocal;
    std::vector<Forward> forwards;
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
        packet.protocol = protocol;
        std::vector<std::optional<Place>> rulesByPort(PortSet{}.size());
        for (const Ipv4Address address : to) {
            packet.destination = packet.originalDestination = {address, Port{1}};
            PortWalk walk{rules, packet};
            if (!walk.walk()) return std::nullopt;
            for (std::size_t port = 1; port < rulesByPort.size(); ++port)
                if (!rulesByPort[port]) rulesByPort[port] = walk.ruleOf(port);
        }
        for (std::size_t port = 1; port < rulesByPort.size(); ++port) {
            const Port one{static_cast<std::uint16_t>(port)};
            if (rulesByPort[port]) add(forwards, {protocol, {one, one}, *rulesByPort[port]});
        }
    }
    return forwards;
}

}  // namespace igd::inspect
