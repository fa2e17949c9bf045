// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/judge.h"

#include "walk.h"

#include "upnpd/inspect/ordinary.h"

#include <algorithm>

namespace igd::inspect {
namespace {

constexpr std::size_t kMostWalks = 512;  // ways through the rules that cannot be judged

Finding reaches() {
    return {Fate::Reaches, {}, "", {}};
}

Finding stopped(const std::optional<Place>& place) {
    return {Fate::Stopped, place, "", {}};
}

Finding stopped(std::string reason, std::optional<IpEndpoint> at = std::nullopt) {
    return {Fate::Stopped, std::nullopt, std::move(reason), at};
}

Finding result(bool passed, const Walk& walk) {
    return passed ? reaches() : stopped(walk.place());
}

/// Tells also which packet met the stop.
Finding stoppedOn(const Walk& walk) {
    Finding finding = stopped(walk.place());
    finding.stopped = StoppedPacket{walk.hook(), walk.packet()};
    return finding;
}

/// Every way through what cannot be judged; one answer if all ways lead to it.
template <class Once>
Finding onAllWays(Doubt doubt, const Once& once) {
    Oracle oracle{doubt};
    std::optional<Finding> common;
    std::size_t walks = 0;
    do {
        const Finding finding = once(oracle);
        if (!common) common = finding;
        if (oracle.gaveUp())
            return {Fate::Unknown, {}, "a ruleset with so many jumps", common->translatedTo};
        if (common->fate != finding.fate || ++walks > kMostWalks)
            return {Fate::Unknown, oracle.first(), "", common->translatedTo};
    } while (oracle.another());
    return *common;
}

Packet packetOf(const FromOutside& from) {
    Packet packet;
    packet.in = from.external.text();
    packet.inIndex = from.index;
    packet.protocol = from.protocol;
    packet.source = packet.originalSource = from.source;
    packet.destination = packet.originalDestination = from.destination;
    if (!packet.isIpv6()) packet.destinationType = rtn::kLocal;
    return packet;
}

/// Makes the packet as our rules for an opening do.
void open(Packet& packet, const IpEndpoint& target) {
    packet.opened = true;
    packet.translated = packet.translated || !packet.isIpv6();
    packet.destination = target;
    packet.destinationType = rtn::kUnicast;
}

/// Nobody translates a packet that is not tracked.
bool isLost(const Packet& packet) {
    return packet.untracked && !packet.isIpv6();
}

/// Whether a packet of an established flow passes; the routing finds it sent to `target`.
bool passes(Walk& walk, Packet& packet, const IpEndpoint& target) {
    if (!walk.pass(Hook::Ingress) || !walk.pass(Hook::Prerouting) || isLost(packet)) return false;
    packet.destination = target;
    packet.destinationType = rtn::kUnicast;
    return walk.pass(Hook::Forward) && walk.pass(Hook::Postrouting) && walk.pass(Hook::Egress);
}

/// Judges the packets behind the first one, which has come through as `first`: one more of the
/// remote's, and the client's answer.
Finding others(const Ruleset& rules, Oracle& oracle, const Packet& first) {
    Packet next = first;
    next.fresh = false;
    next.mark = 0;
    Packet answer = next;
    next.destination = next.originalDestination;
    if (!next.isIpv6()) next.destinationType = rtn::kLocal;
    answer.reply = true;
    std::swap(answer.in, answer.out);
    std::swap(answer.inIndex, answer.outIndex);
    std::swap(answer.source, answer.destination);
    Walk there{rules, oracle, next};
    if (!passes(there, next, first.destination)) return stoppedOn(there);
    Walk back{rules, oracle, answer};
    if (!passes(back, answer, first.source)) return stoppedOn(back);
    return reaches();
}

/// Takes a packet that is translated as far as it will be from the routing to the wire.
Finding wayOut(const Ruleset& rules, Oracle& oracle, Walk& walk, Packet& packet, const Lan& lan) {
    packet.out = lan.interface.text();
    packet.outIndex = lan.index;
    if (!walk.pass(Hook::Forward) || !walk.passWithNat(Hook::Postrouting) ||
        !walk.pass(Hook::Egress))
        return stoppedOn(walk);
    return others(rules, oracle, packet);
}

Finding wayIn(const Ruleset& rules, Oracle& oracle, const FromOutside& from, const Route& route) {
    Packet packet = packetOf(from);
    Walk walk{rules, oracle, packet};
    if (!walk.pass(Hook::Ingress) || !walk.passWithNat(Hook::Prerouting) || isLost(packet))
        return stoppedOn(walk);
    const auto by = walk.translation() ? walk.place() : std::nullopt;
    if (by && walk.translation()->kind == Translating::Redirect) {
        Finding finding = stopped("a rule that leads it to the router itself");
        finding.translatedBy = by;
        return finding;
    }
    if (!packet.translated && from.opening) open(packet, *from.opening);
    if (!packet.translated && !packet.isIpv6()) return stopped("no translation");
    const IpEndpoint target = packet.destination;
    const auto lan = route(target.address);
    Finding finding = lan ? wayOut(rules, oracle, walk, packet, *lan)
                          : stopped("no route by an internal interface");
    finding.translatedTo = target;
    finding.translatedBy = by;
    return finding;
}

Finding lead(const Ruleset& rules, Oracle& oracle, const FromOutside& from) {
    Packet packet = packetOf(from);
    Walk walk{rules, oracle, packet};
    for (const ChainId id : rules.basesAt(Hook::Prerouting, packet.isIpv6())) {
        if (!rules.chains[id].base->translates) continue;
        const Course course = walk.runBase(id);
        if (course == Course::Dropped) break;
        if (course != Course::Translated) continue;
        Finding finding = stopped(walk.place());
        finding.translatedTo = packet.destination;
        return finding;
    }
    return reaches();
}

Finding input(const Ruleset& rules, Oracle& oracle, const ToRouter& from) {
    Packet packet;
    packet.in = from.internal.text();
    packet.inIndex = from.index;
    packet.protocol = from.protocol;
    packet.source = packet.originalSource = from.source;
    packet.destination = packet.originalDestination = from.destination;
    const auto* const ipv4 = std::get_if<Ipv4Address>(&from.destination.address);
    const auto* const ipv6 = std::get_if<Ipv6Address>(&from.destination.address);
    const bool multicast = ipv4 != nullptr ? ipv4->isMulticast() : ipv6->isMulticast();
    packet.destinationType = multicast ? rtn::kMulticast : rtn::kLocal;
    Walk walk{rules, oracle, packet};
    if (!walk.pass(Hook::Ingress) || !walk.passWithNat(Hook::Prerouting)) return stoppedOn(walk);
    if (packet.translated) return stopped("translated to another host", packet.destination);
    return walk.passWithNat(Hook::Input) ? reaches() : stoppedOn(walk);
}

Finding masquerade(const Ruleset& rules, Oracle& oracle, const Lan& lan,
                   const InterfaceName& external) {
    const bool ipv6 = std::holds_alternative<Ipv6Address>(lan.address);
    Packet packet;
    packet.in = lan.interface.text();
    packet.inIndex = lan.index;
    packet.protocol = Protocol::Tcp;
    packet.source = packet.originalSource = {ordinaryClient(rules, lan), Port{60999}};
    packet.destination = packet.originalDestination = {ordinaryHost(rules, ipv6), Port{443}};
    Walk walk{rules, oracle, packet};
    if (!walk.pass(Hook::Ingress) || !walk.passWithNat(Hook::Prerouting)) return stoppedOn(walk);
    packet.out = external.text();
    if (!walk.pass(Hook::Forward) || !walk.passWithNat(Hook::Postrouting)) return stoppedOn(walk);
    if (!packet.masqueraded) return stopped("no masquerade");
    if (walk.translation()->kind == Translating::Masquerade) return reaches();
    Finding finding = stopped("another address than the interface's");
    finding.place = walk.place();
    if (walk.translation()->address)
        finding.translatedTo = IpEndpoint{*walk.translation()->address, Port{0}};
    return finding;
}

}  // namespace

Finding judgeChain(const Ruleset& rules, ChainId base, Packet& packet, Doubt doubt) {
    const Packet before = packet;
    return onAllWays(doubt, [&](Oracle& oracle) {
        packet = before;
        Walk walk{rules, oracle, packet};
        return result(walk.runBase(base) != Course::Dropped, walk);
    });
}

Finding judgeHook(const Ruleset& rules, Hook hook, Packet& packet, Doubt doubt) {
    const Packet before = packet;
    return onAllWays(doubt, [&](Oracle& oracle) {
        packet = before;
        Walk walk{rules, oracle, packet};
        const bool passed = walk.pass(hook) && !(hook == Hook::Prerouting && isLost(packet));
        return result(passed, walk);
    });
}

Finding judgeWayIn(const Ruleset& rules, const FromOutside& packet, const Route& route) {
    return onAllWays(Doubt::AllWays,
                     [&](Oracle& oracle) { return wayIn(rules, oracle, packet, route); });
}

Finding judgeLead(const Ruleset& rules, const FromOutside& packet) {
    return onAllWays(Doubt::AllWays, [&](Oracle& oracle) { return lead(rules, oracle, packet); });
}

Finding judgeInput(const Ruleset& rules, const ToRouter& packet) {
    return onAllWays(Doubt::AllWays, [&](Oracle& oracle) { return input(rules, oracle, packet); });
}

Finding judgeMasquerade(const Ruleset& rules, const Lan& lan, const InterfaceName& external) {
    return onAllWays(Doubt::AllWays,
                     [&](Oracle& oracle) { return masquerade(rules, oracle, lan, external); });
}

}  // namespace igd::inspect
