// SPDX-License-Identifier: GPL-2.0-or-later
// The port mapper for NAT-PMP and PCP: their clients name an internal endpoint, and it is found, or
// given, an external port.
#include "mapping_table.h"

#include "upnpd/portmap/port_mapper.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr Port kFirstUnprivileged{1024};
constexpr int kLastPort = 65535;

Seconds remaining(const Mapping& mapping, TimePoint now) {
    const auto end = endOf(mapping);
    return end ? secondsUntil(*end, now) : kForever;
}

/// The rules of `mapping`'s own protocol do not let `request` change it.
bool isForeign(const Mapping& mapping, const PortRequest& request) {
    return mapping.origin == Origin::Static || mapping.origin == Origin::Igd ||
           (mapping.origin == Origin::Pcp && request.origin == Origin::NatPmp);
}

/// The discard port, where nothing listens: Apple's mDNSResponder asks for it to learn the external
/// address, and takes a refusal for "there is none". Nothing is mapped for that.
bool isAddressProbe(const PortRequest& request) {
    constexpr Port kDiscard{9};
    return request.origin == Origin::Pcp && request.internalPort == kDiscard &&
           request.suggestedPort == Port{0} && !request.exact && request.filters.empty();
}

/// It suggests an address that is not the router's.
bool isElsewhere(const PortRequest& request, Ipv4Address external) {
    return request.suggestedAddress && *request.suggestedAddress != IpAddress{external};
}

bool mayUnmap(const PortRelease& request, const Mapping& mapping) {
    return mapping.origin == request.origin &&
           (request.origin != Origin::Pcp || mapping.nonce == request.nonce);
}

/// What NAT-PMP and PCP leave of a mapping when they give it up.
std::optional<Mapping> withoutControl(const Mapping& mapping) {
    if (!mapping.igdShare) return std::nullopt;
    Mapping left = mapping;
    left.expiresAt = TimePoint::min();
    return heldAt(left, TimePoint::min());
}

/// The filters of `mapping` as `request` leaves them; nullopt: more than a mapping may have.
std::optional<std::vector<PeerFilter>> filtersAfter(const Mapping& mapping,
                                                    const PortRequest& request) {
    std::vector<PeerFilter> filters;
    if (!request.dropFilters) filters = filtersOf(mapping);
    for (const PeerFilter& filter : request.filters) add(filters, filter);
    if (filters.size() > kMaxFilters) return std::nullopt;
    return filters;
}

bool contains(std::span<const PortRange> ranges, int port) {
    return port > 0 && port <= kLastPort &&
           std::ranges::any_of(ranges, [port](const PortRange& range) {
               return range.contains(Port{static_cast<std::uint16_t>(port)});
           });
}

/// Whoever leaves the choice to the router gets no port of a service (NATPMP-Map-06).
void keepUnprivileged(std::vector<PortRange>& ranges) {
    std::vector<PortRange> high;
    for (const PortRange& range : ranges)
        if (range.last >= kFirstUnprivileged)
            high.push_back({std::max(range.first, kFirstUnprivileged), range.last});
    if (!high.empty()) ranges = std::move(high);
}

}  // namespace

bool PortMapper::isFree(const MappingKey& key, Ipv4Address client) const {
    if (table_->find(key) != nullptr || policy_.isReserved(key.externalPort)) return false;
    const Mapping* const companion = table_->find(companionOf(key));
    if (companion != nullptr && companion->internal.address != client) return false;
    return !parts_.portInUse(key);
}

/// The one asked for first, then +1, -1, +2, -2 ...; nullopt when none is free.
std::optional<Port> PortMapper::nearestFree(const MappingKey& wanted, Ipv4Address client,
                                            std::span<const PortRange> permitted) const {
    const int middle = wanted.externalPort.value;
    for (int distance = 0; distance <= kLastPort; ++distance)
        for (const int port : {middle + distance, middle - distance}) {
            if (!contains(permitted, port)) continue;
            const Port candidate{static_cast<std::uint16_t>(port)};
            if (isFree({wanted.protocol, candidate}, client)) return candidate;
        }
    return std::nullopt;
}

tl::unexpected<PortRefusal> PortMapper::refused(const PortRequest& request, const Refusal& refusal,
                                                Seconds lifetime, TimePoint now) {
    if (refusalLines_.admits(request.requester, now))
        log::info("portmap: refused {} {} -> {}:{} to {} by {}: {}: {}",
                  lowerName(request.protocol), request.suggestedPort.value,
                  toString(request.client), request.internalPort.value, toString(request.requester),
                  name(request.origin), name(refusal.error), refusal.reason);
    return refuse(refusal.error, lifetime);
}

PortAnswer PortMapper::controlOne(const AskedPort& asked, std::optional<Ipv4Address> external,
                                  TimePoint now) {
    if (const auto* const request = std::get_if<PortRequest>(&asked.request))
        return map(*request, asked.lan, external, now);
    return unmap(std::get<PortRelease>(asked.request), asked.lan, now);
}

PortAnswer PortMapper::map(const PortRequest& request, const Lan& lan,
                           std::optional<Ipv4Address> external, TimePoint now) {
    if (!external) return refuse(MappingError::NoExternalAddress);
    if (const auto refusal = policy_.refusesClient(request.client, request.requester, lan))
        return refused(request, *refusal, Seconds{0}, now);
    const Endpoint internal{std::get<Ipv4Address>(request.client), request.internalPort};
    const Mapping* const present = table_->leadingTo(request.protocol, internal);
    return present == nullptr ? mapNew(request, lan, *external, now)
                              : mapAgain(*present, request, *external, now);
}

tl::expected<Port, PortRefusal> PortMapper::choosePort(const PortRequest& request,
                                                       Ipv4Address client, Ipv4Address external,
                                                       std::vector<PortRange> permitted,
                                                       TimePoint now) {
    MappingKey key{request.protocol, request.suggestedPort};
    if (request.exact) {
        if (!isElsewhere(request, external) && contains(permitted, key.externalPort.value) &&
            isFree(key, client))
            return key.externalPort;
        const Mapping* const holder = table_->find(key);
        return refused(request, {MappingError::Conflict, "exactly that one is not to be had"},
                       holder != nullptr ? remaining(*holder, now) : Seconds{0}, now);
    }
    if (key.externalPort == Port{0}) {
        keepUnprivileged(permitted);
        key.externalPort = request.internalPort;
    }
    if (const auto port = nearestFree(key, client, permitted)) return *port;
    return refused(request, {MappingError::TableFull, "no external port is left"}, Seconds{0}, now);
}

PortAnswer PortMapper::mapNew(const PortRequest& request, const Lan& lan, Ipv4Address external,
                              TimePoint now) {
    const Endpoint internal{std::get<Ipv4Address>(request.client), request.internalPort};
    auto permitted = policy_.permittedPorts(request.protocol, internal, lan);
    if (permitted.empty() && isAddressProbe(request))
        return PortGrant{request.internalPort, external, policy_.config().pcpMinLease};
    if (permitted.empty())
        return refused(request, {MappingError::NotAuthorized, "no external port is allowed to it"},
                       Seconds{0}, now);
    if (const auto refusal =
            policy_.refusesAnother(table_->countOf(internal.address), table_->size()))
        return refused(request, *refusal, Seconds{0}, now);
    const auto port = choosePort(request, internal.address, external, std::move(permitted), now);
    if (!port) return tl::unexpected{port.error()};
    Mapping mapping{{request.protocol, *port},
                    std::nullopt,
                    internal,
                    true,
                    request.description,
                    now + policy_.controlLease(request.lifetime, request.origin),
                    std::get<Ipv4Address>(request.requester),
                    request.origin,
                    request.nonce};
    auto filters = filtersAfter(mapping, request);
    if (!filters)
        return refused(request, {MappingError::TooManyFilters, "too many filters"}, Seconds{0},
                       now);
    setFilters(mapping, std::move(*filters));
    return store(mapping, nullptr, external, now);
}

PortAnswer PortMapper::mapAgain(const Mapping& present, const PortRequest& request,
                                Ipv4Address external, TimePoint now) {
    const Mapping old = present;
    const Seconds rest = remaining(old, now);
    const auto no = [&](MappingError error, std::string reason) {
        return refused(request, {error, std::move(reason)}, rest, now);
    };
    // A client of the command line forgets its nonce, and waits until the lease has ended
    // (PCP-MAP-23).
    if (old.origin == Origin::Pcp && request.origin == Origin::Pcp && old.nonce != request.nonce)
        return no(MappingError::NotAuthorized,
                  fmt::format("another nonce made {}, which lasts {} s", toString(old.key),
                              rest.count()));
    if (request.exact &&
        (isElsewhere(request, external) || request.suggestedPort != old.key.externalPort))
        return no(MappingError::Conflict,
                  fmt::format("it has external port {} already", old.key.externalPort.value));
    if (isForeign(old, request)) {
        if (!request.filters.empty())
            return no(MappingError::TooManyFilters, "it lets in any peer");
        if (old.enabled) return PortGrant{old.key.externalPort, external, rest};
        Mapping enabled = old;
        enabled.enabled = true;
        return store(enabled, &old, external, now);
    }
    Mapping renewed = old;
    renewed.origin = request.origin;
    renewed.nonce = request.nonce;
    if (old.requester != old.internal.address)
        renewed.requester = std::get<Ipv4Address>(request.requester);
    renewed.expiresAt = now + policy_.controlLease(request.lifetime, request.origin);
    if (!old.igdShare && !request.description.empty()) renewed.description = request.description;
    auto filters = filtersAfter(old, request);
    if (!filters) return no(MappingError::TooManyFilters, "too many filters");
    setFilters(renewed, std::move(*filters));
    return store(renewed, &old, external, now);
}

PortAnswer PortMapper::store(const Mapping& mapping, const Mapping* old, Ipv4Address external,
                             TimePoint now) {
    if (!commit({Step{old != nullptr ? std::optional{*old} : std::nullopt, mapping}}, now))
        return refuse(MappingError::Backend);
    const bool isOwn = mapping.origin == Origin::Pcp || mapping.origin == Origin::NatPmp;
    const Seconds lifetime =
        isOwn ? secondsUntil(*mapping.expiresAt, now) : remaining(mapping, now);
    return PortGrant{mapping.key.externalPort, external, lifetime};
}

PortAnswer PortMapper::unmap(const PortRelease& request, const Lan& lan, TimePoint now) {
    if (policy_.refusesClient(request.client, request.requester, lan))
        return refuse(MappingError::NotAuthorized);
    if (!request.protocol || request.internalPort == Port{0}) return unmapAll(request, now);
    const Endpoint internal{std::get<Ipv4Address>(request.client), request.internalPort};
    const Mapping* const present = table_->leadingTo(*request.protocol, internal);
    if (present == nullptr) return PortGrant{};
    if (mayUnmap(request, *present)) return giveUp(std::vector{*present}, request.requester, now);
    if (refusalLines_.admits(request.requester, now))
        log::info("portmap: refused to end {} for {} by {}: it was made by {}{}",
                  toString(present->key), toString(request.requester), name(request.origin),
                  name(present->origin),
                  present->origin == Origin::Pcp ? " with another nonce" : "");
    return refuse(MappingError::NotAuthorized, remaining(*present, now), present->key.externalPort);
}

PortAnswer PortMapper::unmapAll(const PortRelease& request, TimePoint now) {
    auto meant = table_->ofClient(std::get<Ipv4Address>(request.client));
    std::erase_if(meant, [&](const Mapping& mapping) {
        return request.protocol && mapping.key.protocol != *request.protocol;
    });
    const bool staticOnes = std::ranges::any_of(
        meant, [](const Mapping& mapping) { return mapping.origin == Origin::Static; });
    std::erase_if(meant, [&](const Mapping& mapping) { return !mayUnmap(request, mapping); });
    const auto ended = giveUp(meant, request.requester, now);
    // RFC 6886 section 3.4: what the administrator has made stays, and that is said.
    if (ended && staticOnes && request.origin == Origin::NatPmp)
        return refuse(MappingError::NotAuthorized);
    return ended;
}

PortAnswer PortMapper::giveUp(std::span<const Mapping> mappings, const IpAddress& requester,
                              TimePoint now) {
    std::vector<Step> steps;
    steps.reserve(mappings.size());
    for (const Mapping& mapping : mappings)
        steps.push_back({mapping, withoutControl(mapping), "deleted by " + toString(requester)});
    if (!commit(std::move(steps), now)) return refuse(MappingError::Backend);
    return PortGrant{};
}

std::optional<Port> PortMapper::externalPortOf(Protocol protocol, const Endpoint& internal) const {
    const Mapping* const mapping = table_->leadingTo(protocol, internal);
    return mapping == nullptr ? std::nullopt : std::optional{mapping->key.externalPort};
}

std::size_t PortMapper::countOf(Ipv4Address client) const {
    return table_->countOf(client);
}

}  // namespace igd
