// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_service.h"

namespace igd {
namespace {

ipc::Reply replyOf(const PortAnswer& answer) {
    if (!answer) return answer.error();
    return *answer;
}

}  // namespace

PortControl::PortControl(boost::asio::io_context& loop, Policy policy, PortControlParts parts)
    : parts_(parts), flows_(openFlowTable()), peers_(std::move(policy), *flows_), refresh_(loop) {}

void PortControl::changePolicy(Policy policy, bool pinholesAllowed) {
    peers_.changePolicy(std::move(policy));
    parts_.pinholesAllowed = pinholesAllowed;
}

std::optional<AskedPort> PortControl::forMapper(const Asked& asked) {
    const auto isOfFour = [](const auto& request) {
        return std::holds_alternative<Ipv4Address>(request.client);
    };
    if (const auto* const request = std::get_if<PortRequest>(&asked.request);
        request && isOfFour(*request))
        return AskedPort{*request, asked.lan};
    if (const auto* const request = std::get_if<PortRelease>(&asked.request);
        request && isOfFour(*request))
        return AskedPort{*request, asked.lan};
    return std::nullopt;
}

std::vector<ipc::Reply> PortControl::answerAll(std::span<const AskedPort> asked) {
    std::vector<ipc::Reply> replies;
    for (const PortAnswer& answer :
         parts_.mapper.controlAll(asked, parts_.wan.external().told(), Clock::now()))
        replies.push_back(replyOf(answer));
    return replies;
}

ipc::Reply PortControl::answer(const PortRequest& request, const Lan& lan) {
    return replyOf(map(request, lan));
}

ipc::Reply PortControl::answer(const PortRelease& request, const Lan& lan) {
    return replyOf(unmap(request, lan));
}

ipc::Reply PortControl::answer(const PeerRequest& request, const Lan& lan) {
    return replyOf(peer(request, lan));
}

PortAnswer PortControl::map(const PortRequest& request, const Lan& lan) {
    if (parts_.pinholes == nullptr || !parts_.pinholesAllowed)
        return refuse(MappingError::NotAuthorized);
    return parts_.pinholes->map(request, lan);
}

PortAnswer PortControl::unmap(const PortRelease& request, const Lan& lan) {
    if (parts_.pinholes == nullptr) return refuse(MappingError::NotAuthorized);
    return parts_.pinholes->unmap(request, lan);
}

PortAnswer PortControl::peer(const PeerRequest& request, const Lan& lan) {
    if (const auto* const four = std::get_if<Ipv4Address>(&request.client))
        return peerOfFour(request, *four, lan);
    return keepPeer(request, lan, {request.client, std::nullopt, 0});
}

/// The flow goes by the interface's own address, and the client knows the one that it was told.
PortAnswer PortControl::peerOfFour(PeerRequest request, Ipv4Address client, const Lan& lan) {
    const auto own = parts_.wan.address();
    const auto told = parts_.wan.external().told();
    if (!own || !told) return refuse(MappingError::NoExternalAddress);
    if (request.remote == IpAddress{*told}) return refuse(MappingError::NotAuthorized);
    if (request.suggestedAddress == IpAddress{*told}) request.suggestedAddress = *own;
    auto answer = keepPeer(
        request, lan,
        {*own, parts_.mapper.externalPortOf(request.protocol, {client, request.internalPort}),
         parts_.mapper.countOf(client), [&](Port port) {
             return parts_.mapper.isFree({request.protocol, port}, client);
         }});
    if (answer && answer->externalAddress == IpAddress{*own}) answer->externalAddress = *told;
    return answer;
}

PortAnswer PortControl::keepPeer(const PeerRequest& request, const Lan& lan,
                                 const PeerContext& context) {
    const auto answer = peers_.request(request, lan, context, Clock::now());
    planRefresh();
    return answer;
}

void PortControl::planRefresh() {
    if (refreshPlanned_ || peers_.empty()) return;
    refreshPlanned_ = true;
    refresh_.expires_after(Peers::kRefresh);
    refresh_.async_wait([this](boost::system::error_code error) {
        refreshPlanned_ = false;
        if (error) return;
        peers_.refresh(Clock::now());
        planRefresh();
    });
}

void PortControl::beginEpoch() {
    epochStart_ = Clock::now();
    peers_.clear();
}

}  // namespace igd
