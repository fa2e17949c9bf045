// SPDX-License-Identifier: GPL-2.0-or-later
#include "peer_rules.h"

#include <algorithm>

namespace igd {
namespace {

/// Ports that are tried when the client does not care which it gets.
constexpr unsigned kTries = 16;
constexpr std::uint8_t kWholeAddress = 128;

tl::unexpected<PortDenial> denied(Refusal refusal, Seconds lifetime = Seconds{0}) {
    return tl::unexpected{PortDenial{std::move(refusal), lifetime, Port{0}}};
}

bool canBeSpokenTo(const IpAddress& remote) {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&remote))
        return !ipv4->isUnspecified() && !ipv4->isLoopback() && !ipv4->isMulticast() &&
               !ipv4->isBroadcast();
    const auto& ipv6 = std::get<Ipv6Address>(remote);
    return !ipv6.isUnspecified() && !ipv6.isLoopback() && !ipv6.isMulticast() &&
           !ipv6.isLinkLocal();
}

Asked askedFor(const PeerRequest& request, const Parties& parties, Port externalPort) {
    return {.kind = OpeningKind::Peer,
            .origin = Origin::Pcp,
            .protocol = request.protocol,
            .externalPort = externalPort,
            .internalPort = request.internalPort,
            .requester = parties.requester,
            .client = parties.client,
            .lan = parties.lan};
}

bool isIpv4(const PeerRequest& request) {
    return std::holds_alternative<Ipv4Address>(request.client);
}

/// Returns the first port that is permitted from `port` on, round the end; `port`: there is none.
Port permittedFrom(std::span<const PortRange> permitted, Port port) {
    for (const PortRange& range : permitted)
        if (port <= range.last) return std::max(port, range.first);
    return permitted.empty() ? port : permitted.front().first;
}

Port portAfter(std::span<const PortRange> permitted, Port port) {
    constexpr unsigned kLast = 65535;
    return permittedFrom(permitted, Port{static_cast<std::uint16_t>(port.value % kLast + 1)});
}

}  // namespace

std::optional<Refusal> PeerRules::refusesRemote(const PeerRequest& request,
                                                const Parties& parties) const {
    const bool ours = isIpv4(request) && (request.remote == IpAddress{*external_.own} ||
                                          request.remote == IpAddress{*external_.told});
    if (request.client.index() == request.remote.index() && canBeSpokenTo(request.remote) &&
        !parties.lan.contains(request.remote) && !ours)
        return std::nullopt;
    return Refusal{MappingError::NotAuthorized, toString(request.remote) + " is no remote host"};
}

/// The flow as it is, else as it was before the kernel forgot it, else as a mapping to the same
/// internal end has it, else as the client wishes.
PeerRules::Candidate PeerRules::candidateFor(const PeerRequest& request,
                                             const Parties& parties) const {
    Opening opening =
        newOpening(askedFor(request, parties, Port{0}), bench_.policy.config(), bench_.now());
    opening.remote = PeerFilter{{asIpv6(request.remote), kWholeAddress}, request.remotePort};
    const FlowKey key{request.protocol, opening.internal, {request.remote, request.remotePort}};
    if (const auto flow = firewall_.findFlow(key)) {
        opening.flowAddress = flow->external.address;
        opening.externalPort = flow->external.port;
        return {std::move(opening), false};
    }
    if (const Opening* const present = bench_.ledger().find(opening.name())) {
        opening.flowAddress = present->flowAddress;
        opening.externalPort = present->externalPort;
        return {std::move(opening), false};
    }
    opening.flowAddress =
        isIpv4(request) ? external_.addressFor(request.client, external_.own) : request.client;
    opening.externalPort = request.internalPort;
    const auto mapped =
        bench_.ledger().leadingTo(OpeningKind::Mapping, request.protocol, opening.internal);
    if (!mapped.empty())
        opening.externalPort = mapped.front()->externalOf(opening.internal.port);
    else if (request.suggestedPort != Port{0} && isIpv4(request))
        opening.externalPort = request.suggestedPort;
    return {std::move(opening),
            mapped.empty() && request.suggestedPort == Port{0} && isIpv4(request)};
}

PortGrant PeerRules::grantOf(const Opening& opening, Seconds lease) const {
    IpAddress told = *opening.flowAddress;
    if (external_.own && told == IpAddress{*external_.own}) told = *external_.told;
    return {opening.externalPort, told, lease};
}

PortJudged PeerRules::peer(const PeerRequest& request, const Parties& parties) const {
    if (isIpv4(request) && (!external_.own || !external_.told))
        return denied({MappingError::NoExternalAddress, "there is no external address"});
    if (auto refusal = refusesRemote(request, parties)) return denied(std::move(*refusal));
    Candidate candidate = candidateFor(request, parties);
    const Opening* const present = bench_.ledger().find(candidate.opening.name());
    const Seconds rest =
        present != nullptr ? present->remaining(bench_.now()).value_or(kForever) : Seconds{0};
    if (present != nullptr && present->claims.front().nonce != request.nonce)
        return denied({MappingError::NotAuthorized, "it belongs to another PCP client"}, rest);
    PeerRequest wished = request;
    if (wished.suggestedAddress && external_.told &&
        *wished.suggestedAddress == IpAddress{*external_.told})
        wished.suggestedAddress = *external_.own;
    const Opening& opening = candidate.opening;
    if ((wished.suggestedPort != Port{0} && wished.suggestedPort != opening.externalPort) ||
        (wished.suggestedAddress && *wished.suggestedAddress != *opening.flowAddress))
        return denied({MappingError::Conflict, "the flow has another external end"}, rest);
    return make(std::move(candidate), wished, parties);
}

/// The client has the external port by that flow, or by a mapping, already.
bool PeerRules::holdsPort(const Opening& opening) const {
    const Opening* const present = bench_.ledger().find(opening.name());
    if (present != nullptr && present->externalPort == opening.externalPort) return true;
    return std::ranges::any_of(
        bench_.ledger().leadingTo(OpeningKind::Mapping, opening.protocol, opening.internal),
        [&](const Opening* mapped) {
            return mapped->externalOf(opening.internal.port) == opening.externalPort;
        });
}

std::optional<Refusal> PeerRules::attempt(const Opening& opening, bool isNew,
                                          const PeerRequest& request,
                                          const Parties& parties) const {
    const Asked asked =
        askedFor(request, parties, isIpv4(request) ? opening.externalPort : Port{0});
    const Admitted what{.isNew = isNew, .holdsPort = holdsPort(opening)};
    if (auto refusal = bench_.refuses(asked, what)) return refusal;
    bench_.transaction.stage(opening);
    if (const auto made = bench_.transaction.commit(); !made)
        return Refusal{made.error(), "the kernel did not take the flow"};
    return std::nullopt;
}

PortJudged PeerRules::make(Candidate candidate, const PeerRequest& request,
                           const Parties& parties) const {
    Opening& opening = candidate.opening;
    const Opening* const present = bench_.ledger().find(opening.name());
    const Seconds rest =
        present != nullptr ? present->remaining(bench_.now()).value_or(kForever) : Seconds{0};
    const Seconds lease = std::max(rest, bench_.policy.controlLease(request.lifetime, Origin::Pcp));
    opening.put(
        {.origin = Origin::Pcp,
         .requester = noted(parties, present != nullptr ? &present->claims.front() : nullptr),
         .expiresAt = bench_.now() + lease,
         .nonce = request.nonce});
    const bool isNew = present == nullptr;
    if (!isNew) opening.id = present->id;
    const auto permitted =
        bench_.policy.permittedPorts(askedFor(request, parties, opening.externalPort));
    if (candidate.mayMove) opening.externalPort = permittedFrom(permitted, opening.externalPort);
    auto refusal = attempt(opening, isNew, request, parties);
    for (unsigned tries = 1;
         refusal && candidate.mayMove && tries < kTries &&
         (refusal->error == MappingError::Conflict || refusal->error == MappingError::PortInUse);
         ++tries) {
        opening.externalPort = portAfter(permitted, opening.externalPort);
        refusal = attempt(opening, isNew, request, parties);
    }
    if (refusal) return denied(std::move(*refusal), rest);
    return grantOf(opening, lease);
}

}  // namespace igd
