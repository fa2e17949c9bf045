// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/interface_finder.h"

#include <algorithm>

namespace igd {
namespace {

bool has(const std::vector<InterfaceName>& names, const InterfaceName& name) {
    return std::ranges::find(names, name) != names.end();
}

/// Returns the interface in force for `uplink`; `before` while there is no route.
InterfaceName inForce(const Uplink& uplink, const InterfaceName& before,
                      const std::vector<HostFacts::DefaultRoute>& routes,
                      const Configuration& configuration) {
    if (uplink.name) return *uplink.name;
    const InterfaceName& last =
        has(configuration.namedInternal(), before) ? InterfaceName::none() : before;
    return leavesBy(routes, configuration).value_or(last);
}

/// Networks that wait for an address become interfaces.
void findNetworks(Configuration& configuration, const HostFacts& host) {
    std::erase_if(configuration.awaitedNetworks, [&](const Ipv4Prefix& network) {
        const HostInterface* const found = host.findIn(network);
        if (found == nullptr || found->name == configuration.externalInterface) return false;
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

void InterfaceFinder::followRoutes(Configuration& configuration, const HostFacts& host) {
    auto& external = configuration.externalInterface;
    external = inForce(configuration.external, external, host.defaultRoutes, configuration);
    auto& external6 = configuration.externalInterface6;
    external6 = configuration.external6 ? inForce(*configuration.external6, external6,
                                                  host.defaultRoutes6, configuration)
                                        : external;
    for (const InterfaceName& name : {external, external6})
        if (!has(past_, name)) past_.push_back(name);
}

bool InterfaceFinder::isOutside(const Configuration& configuration, const HostFacts& host,
                                const InterfaceName& name) const {
    const auto leadsOut = [&](const std::vector<HostFacts::DefaultRoute>& routes) {
        return std::ranges::find(routes, name, &HostFacts::DefaultRoute::interface) != routes.end();
    };
    return name == configuration.externalInterface || name == configuration.externalInterface6 ||
           has(past_, name) || leadsOut(host.defaultRoutes) || leadsOut(host.defaultRoutes6);
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

bool InterfaceFinder::find(Configuration& configuration, const HostFacts& host) {
    const Sides before = configuration.sides();
    followRoutes(configuration, host);
    findNetworks(configuration, host);
    findMatches(configuration, host);
    return before != configuration.sides();
}

}  // namespace igd
