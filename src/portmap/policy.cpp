// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr PortRange kUnprivileged{Port{1024}, Port{65535}};

bool covers(const PortRange& outer, const PortRange& inner) {
    return outer.first <= inner.first && inner.last <= outer.last;
}

bool covers(const Ipv4Prefix& outer, const Ipv4Prefix& inner) {
    return outer.length <= inner.length && outer.contains(inner.address);
}

Refusal notAuthorized(std::string reason) {
    return {MappingError::NotAuthorized, std::move(reason)};
}

/// Whom a client may map for (IGD-Access-01, -07, -08).
std::optional<Refusal> refusesAddress(Ipv4Address client, Ipv4Address requester, const Lan& lan,
                                      bool thirdParty) {
    if (!lan.isHost(client))
        return notAuthorized(fmt::format("{} is not a host of {} ({})", toString(client),
                                         lan.interface.text(), lan.describe()));
    if (!lan.contains(requester))
        return notAuthorized(fmt::format("the request did not come from {}", lan.interface.text()));
    if (client != requester && !thirdParty)
        return notAuthorized(
            fmt::format("{} is another host (allow_third_party is off)", toString(client)));
    return std::nullopt;
}

}  // namespace

bool covers(const PermissionRule& earlier, const PermissionRule& later) {
    return covers(earlier.externalPorts, later.externalPorts) &&
           covers(earlier.internalPorts, later.internalPorts) &&
           covers(earlier.client, later.client) && (!earlier.mac || earlier.mac == later.mac) &&
           (!earlier.protocol || earlier.protocol == later.protocol);
}

bool Policy::concerns(const PermissionRule& rule, Protocol protocol, const Endpoint& internal,
                      const Lan& lan) const {
    const bool others = rule.internalPorts.contains(internal.port) &&
                        rule.client.contains(internal.address) &&
                        (!rule.protocol || rule.protocol == protocol);
    if (!others || !rule.mac) return others;
    return hardwareAddressOf_ && hardwareAddressOf_(lan.interface, internal.address) == rule.mac;
}

std::optional<Refusal> Policy::refusesPorts(const MappingRequest& request, const Lan& lan) const {
    const auto decides = std::ranges::find_if(config_.permissions, [&](const PermissionRule& rule) {
        return rule.externalPorts.contains(request.key.externalPort) &&
               concerns(rule, request.key.protocol, request.internal, lan);
    });
    if (decides != config_.permissions.end()) {
        if (decides->allow) return std::nullopt;
        return notAuthorized(fmt::format("denied by {}", decides->origin));
    }
    if (!kUnprivileged.contains(request.key.externalPort))
        return notAuthorized(fmt::format("external port {} is below 1024 and no line allows it",
                                         request.key.externalPort.value));
    if (!kUnprivileged.contains(request.internal.port))
        return notAuthorized(fmt::format("internal port {} is below 1024 and no line allows it",
                                         request.internal.port.value));
    return std::nullopt;
}

std::optional<Refusal> Policy::refuses(const MappingRequest& request, const Lan& lan) const {
    if (auto refusal = refusesAddress(request.internal.address, request.requester, lan,
                                      config_.allowThirdParty))
        return refusal;
    if (auto refusal = refusesPorts(request, lan)) return refusal;
    if (isReserved(request.key.externalPort))
        return Refusal{MappingError::PortInUse,
                       fmt::format("port {} is reserved", request.key.externalPort.value)};
    return std::nullopt;
}

bool Policy::isSameHost(const IpAddress& host, const Ipv6Address& client, const Lan& lan) const {
    if (host == IpAddress{client}) return true;
    const auto mac = hardwareAddressOf(host, lan);
    return mac && mac == hardwareAddressOf(client, lan);
}

std::optional<MacAddress> Policy::hardwareAddressOf(const IpAddress& host, const Lan& lan) const {
    return hardwareAddressOf_ ? hardwareAddressOf_(lan.interface, host) : std::nullopt;
}

std::optional<Refusal> Policy::refuses(const PinholeRequest& request, const Lan& lan) const {
    const Ipv6Address& client = request.key.client;
    if (lan.isRouter(client))
        return notAuthorized(fmt::format("{} is the router itself", toString(client)));
    if (client.isLinkLocal() || !lan.contains(client))
        return notAuthorized(
            fmt::format("{} is not in a prefix of {}", toString(client), lan.interface.text()));
    if (!config_.allowThirdParty && !isSameHost(request.requester, client, lan))
        return notAuthorized(
            fmt::format("{} is another host (allow_third_party is off)", toString(client)));
    if (!config_.allowThirdParty && hasPorts(request.key.protocol) &&
        !kUnprivileged.contains(request.key.internalPort))
        return notAuthorized(
            fmt::format("internal port {} is below 1024", request.key.internalPort.value));
    return std::nullopt;
}

std::optional<Refusal> Policy::refusesRange(const RangeRequest& request) const {
    const auto isOpen = [&](Port port) {
        return kUnprivileged.contains(port) ||
               std::ranges::any_of(config_.permissions, [&](const PermissionRule& rule) {
                   return rule.allow && rule.externalPorts.contains(port) &&
                          rule.client.contains(request.requester);
               });
    };
    if (isOpen(request.ports.first) && isOpen(request.ports.last)) return std::nullopt;
    return notAuthorized(
        fmt::format("ports {} reach below 1024 and no line allows that", toString(request.ports)));
}

bool Policy::mayRead(const Mapping& mapping, Ipv4Address requester) const {
    return config_.listAll || mapping.internal.address == requester;
}

bool Policy::mayEnd(const Mapping& mapping, Ipv4Address requester, const Lan& lan) const {
    if (mapping.origin == Origin::Static || !lan.contains(requester)) return false;
    if (mapping.origin == Origin::Pcp && !mapping.igdShare) return false;  // for lack of the nonce
    if (mapping.internal.address == requester) return true;
    return (config_.deleteAll || config_.allowThirdParty) && lan.contains(mapping.internal.address);
}

Seconds Policy::leaseWithin(Seconds asked) const {
    return std::min(std::max(asked, config_.minLease), config_.maxLease);
}

std::optional<Refusal> Policy::refusesAnother(std::size_t ofClient, std::size_t total) const {
    if (ofClient >= config_.mappingsPerClient)
        return Refusal{MappingError::QuotaExceeded,
                       fmt::format("the client has {} mappings (mappings_per_client)", ofClient)};
    if (total >= config_.mappingsTotal)
        return Refusal{MappingError::TableFull,
                       fmt::format("there are {} mappings (mappings_total)", total)};
    return std::nullopt;
}

}  // namespace igd
