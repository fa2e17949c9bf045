// SPDX-License-Identifier: GPL-2.0-or-later
// The engine and the interfaces that its configuration leaves to the host.
#include "engine.h"

#include "upnpd/system/host_facts.h"
#include "upnpd/system/route_questions.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <net/if.h>

namespace igd {
namespace {

/// Returns why the external interface of one family is another one now: what `finder` says of a
/// choice among several, or the default route.
std::string moveOf(const Uplink& uplink, const InterfaceName& now, bool ipv6,
                   std::string_view family, const InterfaceFinder& finder) {
    if (uplink.isAuto()) return fmt::format("the default route{} leaves by {}", family, now.text());
    return fmt::format("the external interface{} is {} now: {}", family, now.text(),
                       finder.why(ipv6));
}

/// Returns a line for each interface that comes, goes or is another one.
std::vector<std::string> movesBetween(const Sides& before, const Configuration& now,
                                      const InterfaceFinder& finder) {
    std::vector<std::string> lines;
    const Sides sides = now.sides();
    const auto has = [](const Sides& some, const InterfaceName& name) {
        return std::ranges::find(some.internal, name) != some.internal.end();
    };
    const bool together = sides.external == sides.external6;
    if (before.external != sides.external)
        lines.push_back(
            moveOf(now.external, sides.external, false, together ? "" : " of IPv4", finder));
    if (before.external6 != sides.external6 && !together)
        lines.push_back(moveOf(now.external6.value_or(now.external), sides.external6,
                               now.external6.has_value(), " of IPv6", finder));
    for (const InterfaceName& name : sides.internal)
        if (!has(before, name))
            lines.push_back(fmt::format("{} has come: it is served", name.text()));
    for (const InterfaceName& name : before.internal)
        if (!has(sides, name))
            lines.push_back(fmt::format("{} has gone: it is served no more", name.text()));
    return lines;
}

}  // namespace

/// The new file gets what the daemon that runs has found. What this look has learnt is not kept:
/// the file may be refused.
LoadedConfiguration Engine::reread() {
    LoadedConfiguration loaded = surroundings_.reread();
    if (!loaded.configuration || !loaded.configuration->leavesOpen()) return loaded;
    Configuration& fresh = *loaded.configuration;
    const auto goesOn = [](const Uplink& uplink, InterfaceName& found, const InterfaceName& inUse) {
        if (uplink.isAuto() ? found.isNone() : uplink.has(inUse)) found = inUse;
    };
    goesOn(fresh.external, fresh.externalInterface, configuration_.externalInterface);
    if (fresh.external6)
        goesOn(*fresh.external6, fresh.externalInterface6, configuration_.externalInterface6);
    InterfaceFinder finder = finder_;
    (void)finder.find(fresh, readHostFacts(), Clock::now());
    return loaded;
}

void Engine::findInterfaces() {
    if (configuration_.leavesOpen()) takeInterfaces();
}

void Engine::takeInterfaces() {
    const Configuration before = configuration_;
    const bool moved = finder_.find(configuration_, readHostFacts(), Clock::now());
    awaitUplink();
    if (!moved) return;
    for (const std::string& line : movesBetween(before.sides(), configuration_, finder_))
        log::change("system: {}", line);
    if (!takeSides(configuration_)) repairs_.damaged("they are for other interfaces");
    interfacesMoved(before);
}

/// A better external interface may be held back, and no event tells when that is over.
void Engine::awaitUplink() {
    const auto at = finder_.lookAgainAt();
    uplinkHold_.cancel();
    if (!at || stopping_) return;
    uplinkHold_.expires_at(*at);
    uplinkHold_.async_wait([this](boost::system::error_code error) {
        if (!error) interfacesChanged();
    });
}

/// Rules first; who was told the address of an interface that has gone has to ask again.
void Engine::lookAtUplinks() {
    if (!uplinks_.look(configuration_, external_.wan(), Clock::now())) return;
    firewall_->sidesChanged(uplinks_.sides());
    if (!layRules(Clock::now())) repairs_.damaged("they are for other external addresses");
    log::change("system: mapped ports are reached by {}", uplinks_.describe());
    tellExternal();
    loseState();
}

void Engine::tellExternal() {
    const Wan& wan = external_.wan();
    if (!standsBy() && !firewall_->externalAddressChanged(uplinks_.mappedAt(wan.addresses())))
        log::error("firewall: mapped ports are not reached at the external address now");
    openings_.changeExternal({wan.address(), wan.external().told(), uplinks_.elsewhere()},
                             Clock::now());
    tellStore();
}

/// Asks for a host of the Internet, to which no rule of the administrator's is likely to send by
/// another way than to the rest.
std::optional<InterfaceName> Engine::leavesBy(Ipv4Address client) const {
    constexpr Ipv4Address kSomeHost{0xc1000e81};
    const Lan* const lan = lans_.of(client);
    if (lan == nullptr) return std::nullopt;
    const auto hop = nextHopOf(
        {client, kSomeHost, static_cast<std::uint32_t>(interfaces_.state(lan->interface).index)});
    if (!hop) return std::nullopt;
    std::array<char, IF_NAMESIZE> name{};
    if (::if_indextoname(hop->interface, name.data()) == nullptr) return std::nullopt;
    return InterfaceName::parse(name.data());
}

void Engine::interfacesMoved(const Configuration& before) {
    if (before.internalInterfaces == configuration_.internalInterfaces) return;
    interfaces_.followRoutes(configuration_.internalInterfaces);
    neighbours_.setInterfaces(configuration_.internalInterfaces);
    frontEnds_.serve(servedInterfaces());
    const auto closed = openings_.keepWithin(frontEnds_.prefixes6(), Clock::now());
    if (closed && *closed) loseState();
}

}  // namespace igd
