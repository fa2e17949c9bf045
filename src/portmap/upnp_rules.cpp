// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnp_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr std::uint8_t kWholeAddress = 128;

std::vector<PeerFilter> filtersOf(const std::optional<Ipv4Address>& remoteHost) {
    if (!remoteHost) return {};
    return {{{mappedAddress(*remoteHost), kWholeAddress}, Port{0}}};
}

Asked askedFor(const MappingRequest& request, const Parties& parties) {
    return {.kind = OpeningKind::Mapping,
            .origin = Origin::Igd,
            .protocol = request.key.protocol,
            .externalPort = request.key.externalPort,
            .internalPort = request.internal.port,
            .requester = parties.requester,
            .client = parties.client,
            .lan = parties.lan};
}

Asked askedFor(const Opening& pinhole, const Parties& parties) {
    return {.kind = OpeningKind::Pinhole,
            .origin = Origin::Igd,
            .protocol = pinhole.protocol,
            .internalPort = pinhole.internal.port,
            .requester = parties.requester,
            .client = parties.client,
            .lan = parties.lan};
}

/// The remote end of a pinhole, any host or any port where the key leaves it open.
std::optional<PeerFilter> remoteOf(const PinholeKey& key) {
    if (!key.remoteHost && !key.remotePort) return std::nullopt;
    const Ipv6Prefix host =
        key.remoteHost ? Ipv6Prefix{*key.remoteHost, kWholeAddress} : Ipv6Prefix{};
    return PeerFilter{host, key.remotePort.value_or(Port{0})};
}

/// The claim that UPnP ends: its own, or NAT-PMP's, which has no nonce to protect it.
std::optional<Origin> claimToEnd(const Opening& opening) {
    for (const Origin origin : {Origin::Igd, Origin::NatPmp})
        if (opening.claimOf(origin) != nullptr) return origin;
    return std::nullopt;
}

bool mayEndOthers(const Policy& policy, const Host& requester) {
    return policy.config().deleteAll || policy.mayActForOthers(requester.address);
}

}  // namespace

bool mayEnd(const Policy& policy, const Opening& opening, const Parties& parties) {
    if (opening.isAdministrators() || !claimToEnd(opening)) return false;
    if (!parties.lan.contains(parties.requester.address)) return false;
    if (isOf(opening, parties.requester)) return true;
    return mayEndOthers(policy, parties.requester) &&
           parties.lan.contains(opening.internal.address);
}

std::optional<TimePoint> UpnpRules::endOf(const MappingRequest& request) const {
    const Policy& policy = bench_.policy;
    if (request.lease != Seconds{0}) return bench_.now() + policy.leaseWithin(request.lease);
    if (const auto configured = defaultLease_()) return bench_.now() + *configured;
    if (request.endless) return std::nullopt;
    return bench_.now() + policy.config().maxLease;
}

Judged<void> UpnpRules::add(const MappingRequest& request, const Parties& parties) const {
    const Opening* const present = bench_.ledger().find(request.key);
    const bool isOwn =
        present != nullptr && isOf(*present, parties.client) && !present->isAdministrators();
    const Opening* const own = isOwn ? present : nullptr;
    if (auto refusal = bench_.refuses(askedFor(request, parties), own))
        return tl::unexpected(std::move(*refusal));
    return addOver(own, request, parties);
}

Judged<void> UpnpRules::addOver(const Opening* own, const MappingRequest& request,
                                const Parties& parties) const {
    if (own != nullptr && own->isSet())
        return refused(MappingError::Conflict,
                       fmt::format("the host has that port in a set of PCP's: {}", describe(*own)));
    const Claim* const before = own != nullptr ? own->claimOf(Origin::Igd) : nullptr;
    const bool moved = own != nullptr && own->internal.address != parties.client.address;
    const IpEndpoint internal{parties.client.address, request.internal.port};
    if (before != nullptr && !moved && before->filters != filtersOf(request.remoteHost))
        return refused(MappingError::Conflict, "the host has mapped it for another remote host");
    const bool alone = own == nullptr || own->claims.size() == (before != nullptr ? 1U : 0U);
    if (!alone && !moved && own->internal != internal)
        return refused(MappingError::Conflict,
                       "the host has mapped it otherwise by PCP or NAT-PMP");
    const bool stays = own != nullptr && !moved;
    Opening opening =
        stays ? *own : newOpening(askedFor(request, parties), bench_.policy.config(), bench_.now());
    opening.internal = internal;
    opening.put({.origin = Origin::Igd,
                 .requester = noted(parties, before),
                 .expiresAt = endOf(request),
                 .enabled = request.enabled,
                 .filters = filtersOf(request.remoteHost),
                 .description = request.description,
                 .askedWithoutEnd = request.lease == Seconds{0},
                 .history = {.agent = request.agent}});
    bench_.transaction.stage(std::move(opening));
    return {};
}

Judged<Port> UpnpRules::addAny(const MappingRequest& request, const Parties& parties) const {
    MappingRequest granted = request;
    if (granted.key.externalPort == Port{0}) granted.key.externalPort = request.internal.port;
    const auto asked = askedFor(granted, parties);
    if (auto refusal = bench_.policy.refusesClient(asked))
        return tl::unexpected(std::move(*refusal));
    auto added = add(granted, parties);
    const bool portIsTheMatter = !added && (added.error().error == MappingError::Conflict ||
                                            added.error().error == MappingError::PortInUse ||
                                            added.error().error == MappingError::NotAuthorized);
    if (portIsTheMatter) {
        const auto permitted = bench_.policy.permittedPorts(asked);
        if (permitted.empty()) return tl::unexpected(added.error());
        const auto port = nearestFree(bench_, asked, permitted);
        if (!port) return refused(MappingError::TableFull, "no external port is left");
        granted.key.externalPort = *port;
        added = add(granted, parties);
    }
    if (!added) return tl::unexpected(added.error());
    return granted.key.externalPort;
}

/// Stages the end of UPnP's part in `opening`; false: the requester may not.
bool UpnpRules::end(const Opening& opening, const Parties& parties) const {
    if (!mayEnd(bench_.policy, opening, parties)) return false;
    Opening left = opening;
    left.drop(*claimToEnd(opening));
    bench_.transaction.stage(std::move(left), deletion(parties.requester.address));
    return true;
}

Judged<void> UpnpRules::release(const ReleaseRequest& request, const Parties& parties) const {
    const Opening* const present = bench_.ledger().find(request.key);
    if (present == nullptr ||
        viewOf(*present, bench_.now(), request.key.externalPort).remoteHost != request.remoteHost)
        return refused(MappingError::NotFound, "there is no such mapping");
    if (end(*present, parties)) return {};
    const bool isStatic = present->isAdministrators();
    return refused(
        MappingError::NotAuthorized,
        "it belongs to " + (isStatic ? "the administrator" : toString(present->internal.address)));
}

Judged<void> UpnpRules::release(const RangeRequest& request, const Parties& parties) const {
    if (auto refusal = bench_.policy.refusesRange(request.ports, parties.requester))
        return tl::unexpected(std::move(*refusal));
    constexpr std::size_t kAll = 65536;
    const Ledger& ledger = bench_.ledger();
    if (ledger.mappingsIn(request.protocol, request.ports, 1).empty())
        return refused(MappingError::NotFound, "there is none in the range");
    const bool others = request.manage && mayEndOthers(bench_.policy, parties.requester);
    const Account own = accountOf(parties.requester);
    std::vector<Opening> meant;
    for (const Opening* const opening :
         others ? ledger.mappingsIn(request.protocol, request.ports, kAll)
                : ledger.mappingsIn(own, request.protocol, request.ports, kAll))
        meant.push_back(*opening);
    bench_.transaction.countAsOne();
    const auto ended =
        std::ranges::count_if(meant, [&](const Opening& opening) { return end(opening, parties); });
    if (ended == 0) return refused(MappingError::NotAuthorized, "all of them belong to others");
    return {};
}

Judged<PinholeId> UpnpRules::add(const PinholeRequest& request, const Parties& parties) const {
    Opening wanted{.kind = OpeningKind::Pinhole,
                   .protocol = request.key.protocol,
                   .internal = {request.key.client, request.key.internalPort},
                   .remote = remoteOf(request.key)};
    const Asked asked = askedFor(wanted, parties);
    const Opening* const present = bench_.ledger().find(wanted.name());
    if (auto refusal = bench_.refuses(asked, present)) return tl::unexpected(std::move(*refusal));
    Opening opening = newOpening(asked, bench_.policy.config(), bench_.now());
    opening.remote = wanted.remote;
    if (present != nullptr) opening = *present;
    if (!opening.pinholeId)
        opening.pinholeId = bench_.pinholeIds.next(bench_.ledger(), bench_.now());
    if (!opening.pinholeId) return refused(MappingError::QuotaExceeded, "no id is free");
    const PinholeId id = *opening.pinholeId;
    opening.put({.origin = Origin::Igd,
                 .requester = noted(parties, opening.claimOf(Origin::Igd)),
                 .expiresAt = bench_.now() + request.lease,
                 .history = {.agent = request.agent}});
    bench_.transaction.stage(std::move(opening));
    return id;
}

Judged<const Opening*> pinholeOf(const Ledger& ledger, const Policy& policy, PinholeId id,
                                 const Parties& parties) {
    const Opening* const found = ledger.byPinholeId(id);
    if (found == nullptr) return refused(MappingError::NotFound, "there is no such pinhole");
    if (isOf(*found, parties.requester) || policy.mayActForOthers(parties.requester.address))
        return found;
    return refused(MappingError::NotAuthorized,
                   "it belongs to " + toString(found->internal.address));
}

Judged<void> UpnpRules::update(const PinholeUpdate& update, const Parties& parties) const {
    const auto found = pinholeOf(bench_.ledger(), bench_.policy, update.id, parties);
    if (!found) return tl::unexpected(found.error());
    Opening renewed = **found;
    Parties known = parties;
    const auto* const owner = std::get_if<MacAddress>(&renewed.account);
    if (!known.client.mac && owner != nullptr) known.client.mac = *owner;
    if (auto refusal = bench_.refuses(askedFor(renewed, known), *found))
        return tl::unexpected(std::move(*refusal));
    Claim claim = *renewed.claimOf(Origin::Igd);
    claim.requester = noted(known, &claim);
    claim.expiresAt = bench_.now() + update.lease;
    renewed.put(std::move(claim));
    bench_.transaction.stage(std::move(renewed));
    return {};
}

Judged<void> UpnpRules::release(const PinholeRelease& release, const Parties& parties) const {
    const auto found = pinholeOf(bench_.ledger(), bench_.policy, release.id, parties);
    if (!found) return tl::unexpected(found.error());
    Opening left = **found;
    left.drop(Origin::Igd);
    left.pinholeId.reset();
    bench_.pinholeIds.end(release.id, bench_.now());
    bench_.transaction.stage(std::move(left), deletion(parties.requester.address));
    return {};
}

}  // namespace igd
