// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/peers.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace igd {
namespace {

/// Ports that are tried when the client does not care which it gets.
constexpr unsigned kTries = 16;

std::string nameOf(const FlowKey& key) {
    return fmt::format("{} {}:{} to {}:{}", lowerName(key.protocol), toString(key.client),
                       key.clientPort.value, toString(key.remote), key.remotePort.value);
}

bool canBeSpokenTo(const IpAddress& remote) {
    if (const auto* const four = std::get_if<Ipv4Address>(&remote))
        return !four->isUnspecified() && !four->isLoopback() && !four->isMulticast() &&
               !four->isBroadcast();
    const auto& six = std::get<Ipv6Address>(remote);
    return !six.isUnspecified() && !six.isLoopback() && !six.isMulticast() && !six.isLinkLocal();
}

/// `made` is not what `request` suggests.
bool differs(const PeerRequest& request, const OutgoingFlow& made) {
    return (request.suggestedPort != Port{0} && request.suggestedPort != made.externalPort) ||
           (request.suggestedAddress && *request.suggestedAddress != made.externalAddress);
}

}  // namespace

std::optional<PortRefusal> Peers::refusal(const PeerRequest& request, const Lan& lan,
                                          const PeerContext& context) const {
    if (policy_.refusesClient(request.client, request.requester, lan) ||
        request.client.index() != request.remote.index() || !canBeSpokenTo(request.remote) ||
        lan.contains(request.remote) || request.remote == context.external)
        return PortRefusal{MappingError::NotAuthorized};
    const auto ofClient = static_cast<std::size_t>(std::ranges::count_if(
        peers_, [&](const auto& entry) { return entry.first.client == request.client; }));
    if (const auto refused = policy_.refusesAnother(context.mappings + ofClient, peers_.size()))
        return PortRefusal{refused->error};
    return std::nullopt;
}

Result<OutgoingFlow> Peers::make(const FlowKey& key, const PeerRequest& request,
                                 const PeerContext& context, Seconds lifetime) {
    OutgoingFlow flow{context.external, key.clientPort, lifetime};
    if (context.externalPort)
        flow.externalPort = *context.externalPort;
    else if (request.suggestedPort != Port{0} && std::holds_alternative<Ipv4Address>(key.client))
        flow.externalPort = request.suggestedPort;
    if (differs(request, flow)) return fail(MappingError::Conflict);
    const bool any = !context.externalPort && request.suggestedPort == Port{0};
    const auto attempt = [&]() -> Result<void> {
        if (!context.externalPort && !context.isFree(flow.externalPort))
            return fail(MappingError::Conflict);
        return flows_.create(key, flow);
    };
    Result<void> created = attempt();
    for (unsigned i = 1; any && i < kTries && !created && created.error() == MappingError::Conflict;
         ++i) {
        flow.externalPort = Port{static_cast<std::uint16_t>(flow.externalPort.value % 65535 + 1)};
        created = attempt();
    }
    if (!created) return fail(created.error());
    return flow;
}

PortAnswer Peers::request(const PeerRequest& request, const Lan& lan, const PeerContext& context,
                          TimePoint now) {
    const FlowKey key{request.protocol, request.client, request.internalPort, request.remote,
                      request.remotePort};
    const auto present = peers_.find(key);
    const bool known = present != peers_.end() && present->second.expiresAt > now;
    const Seconds rest = known ? secondsUntil(present->second.expiresAt, now) : Seconds{0};
    if (known && present->second.nonce != request.nonce)
        return refuse(MappingError::NotAuthorized, rest);
    if (const auto refused = known ? std::nullopt : refusal(request, lan, context))
        return tl::unexpected{*refused};
    const Seconds lifetime = std::max(rest, policy_.controlLease(request.lifetime, Origin::Pcp));
    auto flow = flows_.find(key);
    if (flow && differs(request, *flow)) return refuse(MappingError::Conflict, rest);
    if (!flow) {
        const auto made = make(key, request, context, lifetime);
        if (!made) return refuse(made.error(), rest);
        flow = *made;
    } else if (const auto kept = flows_.keep(key, std::max(lifetime, flow->timeout)); !kept) {
        return refuse(MappingError::Backend);
    }
    log::debug("portmap: peer {} by external port {} for {} s", nameOf(key),
               flow->externalPort.value, lifetime.count());
    peers_.insert_or_assign(key, Peer{request.nonce, *flow, now + lifetime});
    return PortGrant{flow->externalPort, flow->externalAddress, lifetime};
}

void Peers::refresh(TimePoint now) {
    std::erase_if(peers_, [&](const auto& entry) { return entry.second.expiresAt <= now; });
    std::erase_if(peers_, [&](auto& entry) {
        auto& [key, peer] = entry;
        const Seconds rest = secondsUntil(peer.expiresAt, now);
        const auto flow = flows_.find(key);
        if (flow && flow->timeout >= rest) return false;
        const auto done = flow ? flows_.keep(key, rest) : flows_.create(key, peer.flow);
        if (!done)
            log::warning("portmap: the flow {} cannot be kept: {}", nameOf(key),
                         name(done.error()));
        return !done;
    });
}

}  // namespace igd
