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

Finding wayIn(const Ruleset& rules, Oracle& oracle, const FromOutside& from, const Route& route) {
    Packet packet = packetOf(from);
    Walk walk{rules, oracle, packet};
    if (!walk.pass(Hook::Ingress) || !walk.passWithNat(Hook::Prerouting) || isLost(packet))
        return stopped(walk.place());
    if (walk.translation() && walk.translation()->kind == Translating::Redirect)
        return stopped(walk.place());
    if (!packet.translated && from.opening) open(packet, *from.opening);
    if (!packet.translated && !packet.isIpv6()) return stopped("no translation");
    const IpEndpoint target = packet.destination;
    const auto lan = route(target.address);
    if (!lan) return stopped("no route by an internal interface", target);
    packet.out = lan->interface.text();
    packet.outIndex = lan->index;
    Finding finding = result(
        walk.pass(Hook::Forward) && walk.passWithNat(Hook::Postrouting) && walk.pass(Hook::Egress),
        walk);
    finding.translatedTo = target;
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
    if (!walk.pass(Hook::Ingress) || !walk.passWithNat(Hook::Prerouting))
        return stopped(walk.place());
    if (packet.translated) return stopped("translated to another host", packet.destination);
    return result(walk.passWithNat(Hook::Input), walk);
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
    if (!walk.pass(Hook::Ingress) || !walk.passWithNat(Hook::Prerouting))
        return stopped(walk.place());
    packet.out = external.text();
    if (!walk.pass(Hook::Forward)) return stopped(walk.place());
    if (!walk.passWithNat(Hook::Postrouting)) return stopped(walk.place());
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
