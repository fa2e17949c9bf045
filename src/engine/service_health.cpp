// SPDX-License-Identifier: GPL-2.0-or-later
#include "service_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace igd {
namespace {

constexpr Port kSearchPort{1900};
constexpr Port kControlPort{5351};

bool isSix(const SocketName& socket) {
    return std::holds_alternative<Ipv6Address>(socket.local.address);
}

bool isGroup(const SocketName& socket) {
    return std::visit([](const auto& address) { return address.isMulticast(); },
                      socket.local.address);
}

bool isAny(const SocketName& socket) {
    return std::visit([](const auto& address) { return address.isUnspecified(); },
                      socket.local.address);
}

/// A search by multicast is how a gateway is found.
bool isOfSearches(const SocketName& socket) {
    return !socket.tcp && socket.local.port == kSearchPort && isGroup(socket);
}

/// The one that is bound to no address answers nobody.
bool isOfPortControl(const SocketName& socket) {
    return !socket.tcp && socket.local.port == kControlPort && !isAny(socket);
}

bool isOfHttp(const SocketName& socket) {
    return socket.tcp;
}

using Kind = std::function<bool(const SocketName&)>;

bool isServed(const FrontEnds::Served& lan, const Kind& kind, bool six) {
    return std::ranges::any_of(
        lan.open, [&](const SocketName& each) { return kind(each) && isSix(each) == six; });
}

ServiceHealth health(std::string_view service, const FrontEnds::Served& lan, const Kind& kind) {
    const bool lacks6 = std::ranges::any_of(lan.problems, [&](const SocketProblem& each) {
        return kind(each.socket) && isSix(each.socket);
    });
    const bool has6 = isServed(lan, kind, true);
    const auto has4 = lan.isSixAlone() ? std::nullopt : std::optional{isServed(lan, kind, false)};
    return {service, has4, has6 || lacks6 || !has4 ? std::optional{has6} : std::nullopt};
}

bool isServed(std::string_view service, const FrontEnds::Served& lan,
              const Configuration& configuration) {
    return std::ranges::any_of(healthOf(lan, configuration), [&](const ServiceHealth& each) {
        return each.service == service && (each.ipv4.value_or(false) || each.ipv6.value_or(false));
    });
}

std::string_view versionsOf(const DeviceIdentity& identity) {
    if (identity.profile.version == IgdVersion::One) return "igd 1";
    return identity.announced == IgdVersion::One ? "igd 1 (2 for who asks)"
                                                 : "igd 2 (1 for who asks)";
}

}  // namespace

std::vector<ServiceHealth> healthOf(const FrontEnds::Served& lan,
                                    const Configuration& configuration) {
    std::vector<ServiceHealth> all;
    if (configuration.upnp) all.push_back(health("http", lan, isOfHttp));
    if (configuration.upnp) all.push_back(health("ssdp", lan, isOfSearches));
    if (configuration.natPmp && !lan.isSixAlone()) {
        all.push_back(health("nat-pmp", lan, isOfPortControl));
        all.back().ipv6.reset();
    }
    if (configuration.pcp) all.push_back(health("pcp", lan, isOfPortControl));
    return all;
}

std::string protocolsOf(const Configuration& configuration,
                        const std::vector<FrontEnds::Served>& lans) {
    const auto isThere = [&](std::string_view service) {
        return std::ranges::all_of(lans, [](const auto& lan) { return lan.hasNone(); }) ||
               std::ranges::any_of(
                   lans, [&](const auto& lan) { return isServed(service, lan, configuration); });
    };
    std::vector<std::string_view> protocols;
    if (configuration.upnp && isThere("http"))
        protocols.emplace_back(versionsOf(configuration.identity));
    if (configuration.natPmp && isThere("nat-pmp")) protocols.emplace_back("nat-pmp");
    if (configuration.pcp && isThere("pcp")) protocols.emplace_back("pcp");
    return protocols.empty() ? "no protocol" : fmt::format("{}", fmt::join(protocols, ", "));
}

}  // namespace igd
