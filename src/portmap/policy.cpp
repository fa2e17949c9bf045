// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr PortRange kUnprivileged{Port{1024}, Port{65535}};

bool matches(const PermissionRule& rule, const MappingRequest& request) {
    return rule.externalPorts.contains(request.key.externalPort) &&
           rule.internalPorts.contains(request.internal.port) &&
           rule.client.contains(request.internal.address);
}

Refusal notAuthorized(std::string reason) {
    return {MappingError::NotAuthorized, std::move(reason)};
}

/// Whom a client may map for (IGD-Access-01, -07, -08).
std::optional<Refusal> refusesAddress(const MappingRequest& request, const Lan& lan, bool thirdParty) {
    const Ipv4Address client = request.internal.address;
    if (!lan.prefix.isHost(client) || client == lan.prefix.address)
        return notAuthorized(fmt::format("{} is not a host of {} ({})", toString(client),
                                         lan.interface.text(), toString(lan.prefix)));
    if (!lan.prefix.contains(request.requester))
        return notAuthorized(fmt::format("the request did not come from {}", lan.interface.text()));
    if (client != request.requester && !thirdParty)
        return notAuthorized(fmt::format("{} is another host (allow_third_party is off)", toString(client)));
    return std::nullopt;
}

std::optional<Refusal> refusesPorts(const MappingRequest& request, const std::vector<PermissionRule>& rules) {
    const auto decides =
        std::ranges::find_if(rules, [&](const auto& rule) { return matches(rule, request); });
    if (decides != rules.end()) {
        if (decides->allow) return std::nullopt;
        return notAuthorized(fmt::format("denied by {}", decides->origin));
    }
    if (!kUnprivileged.contains(request.key.externalPort))
        return notAuthorized(fmt::format("external port {} is below 1024 and no line allows it",
                                         request.key.externalPort.value));
    if (!kUnprivileged.contains(request.internal.port))
        return notAuthorized(
            fmt::format("internal port {} is below 1024 and no line allows it", request.internal.port.value));
    return std::nullopt;
}

}  // namespace

std::optional<Refusal> Policy::refuses(const MappingRequest& request, const Lan& lan) const {
    if (auto refusal = refusesAddress(request, lan, config_.allowThirdParty)) return refusal;
    if (auto refusal = refusesPorts(request, config_.permissions)) return refusal;
    if (std::ranges::find(config_.reservedPorts, request.key.externalPort) != config_.reservedPorts.end())
        return Refusal{MappingError::PortInUse,
                       fmt::format("port {} is reserved", request.key.externalPort.value)};
    return std::nullopt;
}

std::optional<Refusal> Policy::refusesAnother(std::size_t ofClient, std::size_t total) const {
    if (ofClient >= config_.mappingsPerClient)
        return Refusal{MappingError::QuotaExceeded,
                       fmt::format("the client has {} mappings (mappings_per_client)", ofClient)};
    if (total >= config_.mappingsTotal)
        return Refusal{MappingError::QuotaExceeded,
                       fmt::format("there are {} mappings (mappings_total)", total)};
    return std::nullopt;
}

}  // namespace igd
