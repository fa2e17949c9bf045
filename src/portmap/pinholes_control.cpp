// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes for PCP: a mapping whose two endpoints are one, with a nonce and perhaps filters.
#include "ipv6_mapping_rules.h"

#include "upnpd/portmap/pinholes.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr Port kFirstUnprivileged{1024};

std::string nameOf(const Ipv6Mapping& mapping) {
    return endpointText(mapping.protocol, mapping.client, mapping.port);
}

PinholeKey keyFor(const Ipv6Mapping& mapping, const PeerFilter& filter) {
    return {
        filter.remote.address, filter.port == Port{0} ? std::nullopt : std::optional{filter.port},
        mapping.client,        mapping.port,
        mapping.protocol,      filter.remote.length};
}

/// The client's own endpoint, or none, is what it suggests.
bool isOwn(const PortRequest& request) {
    return request.suggestedPort == request.internalPort &&
           (!request.suggestedAddress || *request.suggestedAddress == request.client);
}

}  // namespace

std::vector<PinholeRule> rulesFor(const Ipv6Mapping& mapping, TimePoint now) {
    const Seconds timeout = secondsUntil(mapping.expiresAt, now) + kKernelGrace;
    if (mapping.filters.empty()) return {{keyFor(mapping, PeerFilter{}), timeout}};
    std::vector<PinholeRule> rules;
    for (const PeerFilter& filter : mapping.filters)
        rules.push_back({keyFor(mapping, filter), timeout});
    return rules;
}

std::optional<PortRefusal> Pinholes::refusesMap(const PortRequest& request, const Lan& lan,
                                                const Ipv6Mapping* present, TimePoint now) {
    const auto& client = std::get<Ipv6Address>(request.client);
    const Seconds rest = present == nullptr ? Seconds{0} : secondsUntil(present->expiresAt, now);
    const auto no = [&](MappingError error, std::string_view reason) {
        if (refusalLines_.admits(request.requester, now))
            log::info("portmap: refused {} to {} by pcp: {}: {}",
                      endpointText(request.protocol, client, request.internalPort),
                      toString(request.requester), name(error), reason);
        return PortRefusal{error, rest};
    };
    if (client.isLinkLocal())
        return no(MappingError::NotAuthorized, "nobody outside reaches that address");
    if (const auto refused = policy_.refusesClient(request.client, request.requester, lan))
        return no(refused->error, refused->reason);
    if (client.isUniqueLocal())
        return no(MappingError::NoExternalAddress, "a unique local address is not translated");
    if (!policy_.config().allowThirdParty && hasPorts(request.protocol) &&
        request.internalPort < kFirstUnprivileged)
        return no(MappingError::NotAuthorized, "internal ports below 1024 are not for clients");
    if (present != nullptr && present->nonce != request.nonce)
        return no(MappingError::NotAuthorized,
                  fmt::format("another nonce made it, it lasts {} s", rest.count()));
    if (request.exact && !isOwn(request))
        return no(MappingError::Conflict, "over IPv6 the external endpoint is the internal one");
    if (present != nullptr) return std::nullopt;
    const auto refused = policy_.refusesAnother(countOf(client, lan), size());
    return refused ? std::optional{no(refused->error, refused->reason)} : std::nullopt;
}

PortAnswer Pinholes::map(const PortRequest& request, const Lan& lan, TimePoint now) {
    const auto& client = std::get<Ipv6Address>(request.client);
    const MappedKey key{client, request.internalPort, request.protocol};
    const auto present = mapped_.find(key);
    const Ipv6Mapping* const old = present == mapped_.end() ? nullptr : &present->second;
    if (const auto refusal = refusesMap(request, lan, old, now)) return tl::unexpected{*refusal};
    Ipv6Mapping mapping{
        request.protocol,
        client,
        request.internalPort,
        request.nonce.value_or(Nonce{}),
        old != nullptr && !request.dropFilters ? old->filters : std::vector<PeerFilter>{},
        now + policy_.controlLease(request.lifetime, Origin::Pcp),
        old != nullptr && old->requester == client ? client
                                                   : std::get<Ipv6Address>(request.requester)};
    for (const PeerFilter& filter : request.filters) add(mapping.filters, filter);
    if (mapping.filters.size() > kMaxFilters) return refuse(MappingError::TooManyFilters);
    PinholeDelta delta{old != nullptr ? rulesFor(*old, now) : std::vector<PinholeRule>{},
                       rulesFor(mapping, now)};
    if (!apply(delta, now)) return refuse(MappingError::Backend);
    log::format(old != nullptr ? log::Level::Debug : log::Level::Info,
                "portmap: pinhole {} {} for {} by pcp, {} s", nameOf(mapping),
                old != nullptr ? "renewed" : "opened", toString(mapping.requester),
                secondsUntil(mapping.expiresAt, now).count());
    mapped_.insert_or_assign(key, mapping);
    remember(lan);
    if (observer_ != nullptr) observer_->mappingStored(mapping);
    return PortGrant{request.internalPort, client, secondsUntil(mapping.expiresAt, now)};
}

PortAnswer Pinholes::unmap(const PortRelease& request, const Lan& lan, TimePoint now) {
    if (policy_.refusesClient(request.client, request.requester, lan))
        return refuse(MappingError::NotAuthorized);
    const auto& client = std::get<Ipv6Address>(request.client);
    const bool one =
        request.protocol && (request.internalPort != Port{0} || !hasPorts(*request.protocol));
    std::vector<Ipv6Mapping> meant = mapped();
    std::erase_if(meant, [&](const Ipv6Mapping& mapping) {
        return mapping.client != client ||
               (request.protocol && mapping.protocol != *request.protocol) ||
               (one && mapping.port != request.internalPort);
    });
    const auto isAnothers = [&](const Ipv6Mapping& mapping) {
        return mapping.nonce != request.nonce;
    };
    const auto other = std::ranges::find_if(meant, isAnothers);
    if (one && other != meant.end())
        return refuse(MappingError::NotAuthorized, secondsUntil(other->expiresAt, now),
                      other->port);
    std::erase_if(meant, isAnothers);
    if (!dropMapped(meant, "deleted by " + toString(request.requester), now))
        return refuse(MappingError::Backend);
    return PortGrant{Port{0}, Ipv6Address{}, Seconds{0}};
}

Result<void> Pinholes::dropMapped(std::span<const Ipv6Mapping> mappings, std::string_view cause,
                                  TimePoint now) {
    if (mappings.empty()) return {};
    PinholeDelta delta;
    for (const Ipv6Mapping& mapping : mappings)
        for (const PinholeRule& rule : rulesFor(mapping, now)) delta.remove.push_back(rule);
    if (const auto applied = apply(delta, now); !applied) return applied;
    for (const Ipv6Mapping& mapping : mappings) {
        log::info("portmap: pinhole {} closed: {}", nameOf(mapping), cause);
        mapped_.erase({mapping.client, mapping.port, mapping.protocol});
        if (observer_ != nullptr) observer_->mappingEnded(mapping);
    }
    return {};
}

void Pinholes::restore(std::span<const Ipv6Mapping> mappings, std::span<const Pinhole> pinholes,
                       TimePoint now) {
    for (const Pinhole& pinhole : pinholes) {
        if (pinhole.expiresAt > now) pinholes_.insert_or_assign(pinhole.id, pinhole);
        lastId_ = std::max(lastId_, pinhole.id);
    }
    for (const Ipv6Mapping& mapping : mappings)
        if (mapping.expiresAt > now)
            mapped_.insert_or_assign({mapping.client, mapping.port, mapping.protocol}, mapping);
}

std::vector<Ipv6Mapping> Pinholes::mapped() const {
    std::vector<Ipv6Mapping> result;
    for (const auto& [key, mapping] : mapped_) result.push_back(mapping);
    return result;
}

}  // namespace igd
