// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/interface_finder.h"

#include <algorithm>

namespace igd {
namespace {

bool has(const std::vector<InterfaceName>& names, const InterfaceName& name) {
    return std::ranges::find(names, name) != names.end();
}

/// Returns the interface that the first of `routes` leaves by; `before` while there is none.
InterfaceName byRoute(const InterfaceName& before,
                      const std::vector<HostFacts::DefaultRoute>& routes,
                      const Configuration& configuration) {
    const InterfaceName& last =
        has(configuration.namedInternal(), before) ? InterfaceName::none() : before;
    return leavesBy(routes, configuration).value_or(last);
}

/// Networks that wait for an address become interfaces.
void findNetworks(Configuration& configuration, const HostFacts& host) {
    std::erase_if(configuration.awaitedNetworks, [&](const Ipv4Prefix& network) {
        const HostInterface* const found = host.findIn(network);
        if (found == nullptr || configuration.isExternal(found->name)) return false;
        if (!has(configuration.internalInterfaces, found->name))
            configuration.internalInterfaces.push_back(found->name);
        return true;
    });
}

}  // namespace

std::optional<InterfaceName> leavesBy(const std::vector<HostFacts::DefaultRoute>& routes,
                                      const Configuration& configuration) {
    const std::vector<InterfaceName> internal = configuration.namedInternal();
    const auto route = std::ranges::find_if(routes, [&](const HostFacts::DefaultRoute& each) {
        return each.interface.text() != "lo" && !has(internal, each.interface);
    });
    return route == routes.end() ? std::nullopt : std::optional{route->interface};
}

std::optional<TimePoint> InterfaceFinder::lookAgainAt() const {
    const auto four = four_.lookAgainAt();
    const auto six = six_.lookAgainAt();
    return four && six ? std::min(four, six) : four ? four : six;
}

void InterfaceFinder::findExternal(Configuration& configuration, const HostFacts& host,
                                   TimePoint now) {
    const auto inForce = [&](const Uplink& uplink, const InterfaceName& before, bool ipv6) {
        if (uplink.isAuto())
            return byRoute(before, ipv6 ? host.defaultRoutes6 : host.defaultRoutes, configuration);
        return (ipv6 ? six_ : four_).choose(uplink.names, before, host, now);
    };
    auto& external = configuration.externalInterface;
    external = inForce(configuration.external, external, false);
    auto& external6 = configuration.externalInterface6;
    external6 =
        configuration.external6 ? inForce(*configuration.external6, external6, true) : external;
    for (const InterfaceName& name : {external, external6})
        if (!has(past_, name)) past_.push_back(name);
}

bool InterfaceFinder::isOutside(const Configuration& configuration, const HostFacts& host,
                                const InterfaceName& name) const {
    const auto leadsOut = [&](const std::vector<HostFacts::DefaultRoute>& routes) {
        return std::ranges::find(routes, name, &HostFacts::DefaultRoute::interface) != routes.end();
    };
    return configuration.isExternal(name) || has(past_, name) || leadsOut(host.defaultRoutes) ||
           leadsOut(host.defaultRoutes6);
}

void InterfaceFinder::findMatches(Configuration& configuration, const HostFacts& host) const {
    std::vector<InterfaceName> internal = configuration.namedInternal();
    configuration.matchedInterfaces.clear();
    const auto isMatched = [&](const InterfaceName& name) {
        return std::ranges::any_of(
            configuration.internalPatterns,
            [&](const InterfacePattern& pattern) { return pattern.matches(name); });
    };
    if (!configuration.externalInterface.isNone())
        for (const HostInterface& each : host.interfaces) {
            if (each.isLoopback || each.leads || !isMatched(each.name) ||
                has(internal, each.name) || isOutside(configuration, host, each.name))
                continue;
            configuration.matchedInterfaces.push_back(each.name);
            internal.push_back(each.name);
        }
    configuration.internalInterfaces = std::move(internal);
}

bool InterfaceFinder::find(Configuration& configuration, const HostFacts& host, TimePoint now) {
    const Sides before = configuration.sides();
    findExternal(configuration, host, now);
    findNetworks(configuration, host);
    findMatches(configuration, host);
    return before != configuration.sides();
}

}  // namespace igd
