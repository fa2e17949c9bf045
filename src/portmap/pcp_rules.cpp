// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr Port kFirstUnprivileged{1024};

tl::unexpected<PortDenial> denied(Refusal refusal, Seconds lifetime = Seconds{0},
                                  Port externalPort = Port{0}) {
    return tl::unexpected{PortDenial{std::move(refusal), lifetime, externalPort}};
}

OpeningKind kindFor(const IpAddress& client) {
    return std::holds_alternative<Ipv4Address>(client) ? OpeningKind::Mapping
                                                       : OpeningKind::Pinhole;
}

Asked askedFor(const PortRequest& request, const Parties& parties, Port externalPort) {
    return {.kind = kindFor(request.client),
            .origin = request.origin,
            .protocol = request.protocol,
            .externalPort = externalPort,
            .internalPort = request.internalPort,
            .requester = parties.requester,
            .client = parties.client,
            .lan = parties.lan};
}

Seconds remaining(const Opening& opening, TimePoint now) {
    return opening.remaining(now).value_or(kForever);
}

/// Returns how long a first claim lasts beside UPnP's: as long as that one (IWF-01), where it has
/// an end; but NAT-PMP has no more than it asked for.
Seconds leaseBesideUpnps(const Opening& opening, Origin origin, Seconds asked, TimePoint now) {
    if (!opening.end()) return asked;
    const Seconds rest = remaining(opening, now);
    return origin == Origin::Pcp ? rest : std::min(rest, asked);
}

bool isControlled(const Opening& opening) {
    return opening.claimOf(Origin::Pcp) != nullptr || opening.claimOf(Origin::NatPmp) != nullptr;
}

/// Whoever leaves the choice to the router gets no port of a service (NATPMP-Map-06).
void keepUnprivileged(std::vector<PortRange>& ranges) {
    std::vector<PortRange> high;
    for (const PortRange& range : ranges)
        if (range.last >= kFirstUnprivileged)
            high.push_back({std::max(range.first, kFirstUnprivileged), range.last});
    if (!high.empty()) ranges = std::move(high);
}

/// The filters of `before` as `request` leaves them; nullopt: more than a claim may have.
std::optional<std::vector<PeerFilter>> filtersAfter(const Claim* before,
                                                    const PortRequest& request) {
    std::vector<PeerFilter> filters;
    if (before != nullptr && !request.dropFilters) filters = before->filters;
    for (const PeerFilter& filter : request.filters) add(filters, filter);
    if (filters.size() > kMaxFilters) return std::nullopt;
    return filters;
}

}  // namespace

IpAddress PcpRules::externalAddressOf(const Opening& opening) const {
    if (opening.kind == OpeningKind::Pinhole) return opening.internal.address;
    return external_.addressFor(opening.internal.address, external_.told);
}

/// It suggests an address that its opening would not have.
bool PcpRules::isElsewhere(const PortRequest& request) const {
    if (!request.suggestedAddress) return false;
    const bool isIpv4 = std::holds_alternative<Ipv4Address>(request.client);
    return *request.suggestedAddress !=
           (isIpv4 ? external_.addressFor(request.client, external_.told) : request.client);
}

/// Leaves sets of ports out where the protocol has no word for them.
std::vector<const Opening*> PcpRules::leadingTo(Origin origin, Protocol protocol,
                                                const IpEndpoint& internal) const {
    auto leading = bench_.ledger().leadingTo(kindFor(internal.address), protocol, internal);
    if (origin != Origin::Pcp)
        std::erase_if(leading, [](const Opening* opening) { return opening->isSet(); });
    return leading;
}

/// The opening that NAT-PMP and PCP mean by that internal end: one that they have claimed, else the
/// oldest that lets any remote host in.
const Opening* PcpRules::presentFor(const PortRequest& request) const {
    const auto leading =
        leadingTo(request.origin, request.protocol, {request.client, request.internalPort});
    const auto controlled = std::ranges::find_if(
        leading, [](const Opening* opening) { return isControlled(*opening); });
    if (controlled != leading.end()) return *controlled;
    const auto open = std::ranges::find_if(leading, [](const Opening* opening) {
        return !opening->remote && opening->filters().empty() &&
               std::ranges::all_of(opening->claims,
                                   [](const Claim& claim) { return claim.filters.empty(); });
    });
    return open == leading.end() ? nullptr : *open;
}

PortJudged PcpRules::map(const PortRequest& request, const Parties& parties) const {
    if (kindFor(request.client) == OpeningKind::Mapping && !external_.told)
        return denied({MappingError::NoExternalAddress, "there is no external address"});
    if (auto refusal = bench_.policy.refusesClient(askedFor(request, parties, Port{0})))
        return denied(std::move(*refusal));
    const Opening* const present = presentFor(request);
    return present == nullptr ? mapNew(request, parties) : mapAgain(*present, request, parties);
}

/// How many ports the host has under another address that would be the same ones here.
std::size_t PcpRules::portsMovedBy(const PortRequest& request, const Parties& parties) const {
    const bool any = request.suggestedPort == Port{0};
    Asked asked = askedFor(request, parties, request.suggestedPort);
    if (any) asked.externalPort = heldElsewhere(bench_, asked).value_or(request.internalPort);
    const Opening* const holder =
        bench_.ledger().find(MappingKey{asked.protocol, asked.externalPort});
    if (holder == nullptr || asked.kind != OpeningKind::Mapping) return 0;
    asked.portCount = holder->portCount;
    const bool counts = isMoved(*holder, asked) && holder->account == accountOf(asked.client);
    return counts ? holder->portCount : 0;
}

/// How many ports a new opening may have: fewer than were asked for where the numbers end, where
/// the next internal port is mapped already, as the settings say, and where a gateway above is
/// asked.
std::uint16_t PcpRules::countFor(const PortRequest& request, const Parties& parties) const {
    const bool isMapping = kindFor(request.client) == OpeningKind::Mapping;
    if (request.portCount == 1 || (isMapping && bench_.admission.isAskedAbove())) return 1;
    constexpr unsigned kBehindLast = 65536;
    const Ledger& ledger = bench_.ledger();
    const unsigned next = ledger
                              .nextLedTo(kindFor(request.client), request.protocol,
                                         {request.client, request.internalPort})
                              .value_or(Port{0})
                              .value;
    const std::size_t held = portsMovedBy(request, parties);
    const std::size_t room = bench_.policy.roomFor(ledger.portsOf(accountOf(parties.client)) - held,
                                                   ledger.ports() - held);
    const std::size_t most =
        std::min<std::size_t>({request.portCount, bench_.policy.config().maxPortSet,
                               (next == 0 ? kBehindLast : next) - request.internalPort.value,
                               std::max<std::size_t>(room, 1)});
    return static_cast<std::uint16_t>(most);
}

bool PcpRules::hasExact(const PortRequest& request, const Asked& asked,
                        std::span<const PortRange> permitted) const {
    const bool isEven = asked.externalPort.value % 2 == 0;
    if (request.keepsParity && isEven != (asked.internalPort.value % 2 == 0)) return false;
    return asked.portCount == request.portCount && !isElsewhere(request) &&
           freeFrom(bench_, asked, permitted) == asked.portCount;
}

tl::expected<PortSet, PortDenial> PcpRules::choosePorts(const PortRequest& request,
                                                        const Parties& parties,
                                                        std::uint16_t count) const {
    if (auto refusal = bench_.admission.refusesNew()) return denied(std::move(*refusal));
    Asked asked = askedFor(request, parties, request.suggestedPort);
    asked.portCount = count;
    auto permitted = bench_.policy.permittedPorts(asked);
    if (permitted.empty()) {
        if (asked.externalPort == Port{0}) asked.externalPort = request.internalPort;
        auto refusal = bench_.policy.refusesPorts(asked);
        return denied(refusal ? std::move(*refusal)
                              : Refusal{MappingError::NotAuthorized, "no port is permitted"});
    }
    if (request.exact) {
        if (hasExact(request, asked, permitted)) return PortSet{request.suggestedPort, count};
        const Opening* const holder =
            bench_.ledger().find(MappingKey{request.protocol, request.suggestedPort});
        return denied({MappingError::Conflict, "exactly that one is not to be had"},
                      holder != nullptr ? remaining(*holder, bench_.now()) : Seconds{0});
    }
    if (asked.externalPort == Port{0}) {
        keepUnprivileged(permitted);
        asked.externalPort = heldElsewhere(bench_, asked).value_or(request.internalPort);
    }
    if (count > 1) {
        if (const auto set = nearestFreeSet(bench_, asked, permitted, request.keepsParity))
            return *set;
    } else if (const auto port = nearestFree(bench_, asked, permitted)) {
        return PortSet{*port, 1};
    }
    return denied({MappingError::TableFull, "no external port is left"});
}

PortJudged PcpRules::mapNew(const PortRequest& request, const Parties& parties) const {
    Asked asked = askedFor(request, parties, Port{0});
    asked.portCount = countFor(request, parties);
    if (asked.kind == OpeningKind::Mapping) {
        const auto ports = choosePorts(request, parties, asked.portCount);
        if (!ports) return tl::unexpected{ports.error()};
        asked.externalPort = ports->external;
        asked.portCount = ports->count;
    } else if (request.exact &&
               (isElsewhere(request) || request.suggestedPort != request.internalPort)) {
        return denied(
            {MappingError::Conflict, "over IPv6 the external endpoint is the internal one"});
    }
    if (asked.portCount > 1)
        asked.portCount = std::max<std::uint16_t>(permittedFrom(bench_, asked), 1);
    if (request.exact && asked.portCount < request.portCount)
        return denied({MappingError::Conflict, fmt::format("{} ports are to be had, not {}",
                                                           asked.portCount, request.portCount)});
    // The port that a host held at another address counts already.
    const Opening* const moves = bench_.ledger().find({asked.protocol, asked.externalPort});
    if (auto refusal = bench_.refuses(asked, Admitted{.isNew = moves == nullptr}))
        return denied(std::move(*refusal));
    if (moves != nullptr && moves->portCount != asked.portCount) {
        Opening gone = *moves;
        gone.claims.clear();
        bench_.transaction.stage(std::move(gone),
                                 End{EndCause::Replaced, "its host has another address now"});
    }
    return claim(newOpening(asked, bench_.policy.config(), bench_.now()), request, parties);
}

PortJudged PcpRules::mapAgain(const Opening& present, const PortRequest& request,
                              const Parties& parties) const {
    const Seconds rest = remaining(present, bench_.now());
    const Claim* const pcp = present.claimOf(Origin::Pcp);
    // A client of the command line forgets its nonce, and waits until the lease ends (PCP-MAP-23).
    if (pcp != nullptr && request.origin == Origin::Pcp && pcp->nonce != request.nonce)
        return denied({MappingError::NotAuthorized,
                       fmt::format("{} belongs to another PCP client (its nonce differs) for {} s",
                                   describe(present), rest.count())},
                      rest);
    const PortGrant now = grantOf(present, request, rest);
    if (request.exact && (isElsewhere(request) || request.suggestedPort != now.externalPort ||
                          request.portCount != now.portCount))
        return denied({MappingError::Conflict, fmt::format("it is {} already", describe(present))},
                      rest);
    // No client has a claim on what the administrator has written, nor needs leave for it
    // (PCP-MAP-14).
    if (present.isAdministrators()) return now;
    const bool mapped = present.kind == OpeningKind::Mapping;
    Asked asked = askedFor(request, parties, mapped ? present.externalPort : Port{0});
    asked.internalPort = present.internal.port;
    asked.portCount = present.portCount;
    if (auto refusal = bench_.refuses(asked, &present)) return denied(std::move(*refusal), rest);
    return claim(present, request, parties);
}

/// Who asks for one port is told of that one; who asks for a set gets what there is.
PortGrant PcpRules::grantOf(const Opening& opening, const PortRequest& request,
                            Seconds lease) const {
    const bool isSet = opening.isSet() && request.portCount > 1;
    const Port internal = isSet ? opening.internal.port : request.internalPort;
    const bool mapped = opening.kind == OpeningKind::Mapping && hasPorts(opening.protocol);
    return {.externalPort = mapped ? opening.externalOf(internal) : internal,
            .externalAddress = externalAddressOf(opening),
            .lifetime = lease,
            .portCount = isSet ? opening.portCount : std::uint16_t{1},
            .firstInternalPort = isSet ? internal : Port{0}};
}

PortJudged PcpRules::claim(Opening opening, const PortRequest& request,
                           const Parties& parties) const {
    const Claim* const before = opening.claimOf(request.origin);
    auto filters = filtersAfter(before, request);
    if (!filters) return denied({MappingError::TooManyFilters, "too many filters"});
    const Seconds asked = bench_.policy.controlLease(request.lifetime, request.origin);
    const bool isFirst = before == nullptr && opening.claimOf(Origin::Igd) != nullptr;
    const Seconds lease =
        isFirst ? std::min(leaseBesideUpnps(opening, request.origin, asked, bench_.now()),
                           bench_.policy.config().pcpMaxLease)
                : asked;
    const bool keepsText = before != nullptr && request.description.empty();
    opening.put({.origin = request.origin,
                 .requester = noted(parties, before),
                 .expiresAt = bench_.now() + lease,
                 .filters = std::move(*filters),
                 .description = keepsText ? before->description : request.description,
                 .nonce = request.nonce});
    const PortGrant grant = grantOf(opening, request, lease);
    bench_.transaction.stage(std::move(opening));
    return grant;
}

/// Stages the end of the protocol's claim; false: there is none, or it has another nonce.
bool PcpRules::end(const Opening& opening, const PortRelease& request) const {
    const Claim* const own = opening.claimOf(request.origin);
    if (own == nullptr || own->nonce != request.nonce) return false;
    Opening left = opening;
    left.drop(request.origin);
    bench_.transaction.stage(std::move(left), deletion(request.requester));
    return true;
}

PortJudged PcpRules::unmap(const PortRelease& request, const Parties& parties) const {
    const Asked asked{.kind = kindFor(request.client),
                      .origin = request.origin,
                      .requester = parties.requester,
                      .client = parties.client,
                      .lan = parties.lan};
    if (auto refusal = bench_.policy.refusesClient(asked)) return denied(std::move(*refusal));
    const bool one =
        request.protocol && (request.internalPort != Port{0} || !hasPorts(*request.protocol));
    if (!one) return unmapAll(request);
    const auto leading =
        leadingTo(request.origin, *request.protocol, {request.client, request.internalPort});
    if (leading.empty()) return PortGrant{};
    const auto controlled = std::ranges::find_if(leading, [&](const Opening* opening) {
        return opening->claimOf(request.origin) != nullptr;
    });
    const Opening& present = controlled == leading.end() ? *leading.front() : **controlled;
    const Seconds rest = remaining(present, bench_.now());
    const Port external = present.externalPort;
    PortGrant ended;
    if (present.isSet()) {
        ended.portCount = present.portCount;
        ended.firstInternalPort = present.internal.port;
    }
    // RFC 7753 section 4: a set ends as one, for who says that it means the set.
    if (present.isSet() && !request.isSet)
        return denied({MappingError::NotAuthorized,
                       fmt::format("it is in a set, which PORT_SET ends: {}", describe(present))},
                      rest, external);
    std::string reason = present.claimOf(request.origin) != nullptr
                             ? "it belongs to another PCP client (its nonce differs)"
                             : fmt::format("{} has made it", name(present.claims.front().origin));
    if (end(present, request)) return ended;
    return denied({MappingError::NotAuthorized, std::move(reason)}, rest, external);
}

PortJudged PcpRules::unmapAll(const PortRelease& request) const {
    std::vector<Opening> meant;
    bool isStatic = false;
    for (const Opening* const opening : bench_.ledger().ofClient(request.client)) {
        if (opening->kind == OpeningKind::Peer ||
            (request.protocol && opening->protocol != *request.protocol))
            continue;
        isStatic = isStatic || opening->isAdministrators();
        meant.push_back(*opening);
    }
    for (const Opening& opening : meant) (void)end(opening, request);
    // RFC 6886 section 3.4: what the administrator has made stays, and that is said.
    if (isStatic && request.origin == Origin::NatPmp)
        return denied({MappingError::NotAuthorized, "the administrator has made some of them"});
    return PortGrant{};
}

}  // namespace igd
