// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_dispatcher.h"

#include "upnpd/ipc/call_checks.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <iterator>
#include <utility>

namespace igd {
namespace {

constexpr auto kPatience = std::chrono::seconds{2};
constexpr auto kPause = std::chrono::milliseconds{10};

/// The change that a message asks for; nullopt: it asks for none.
std::optional<ChangeRequest> changeIn(const GatewayRequest& request) {
    return std::visit(
        [](const auto& message) -> std::optional<ChangeRequest> {
            using Message = std::decay_t<decltype(message)>;
            if constexpr (std::same_as<Message, DeleteMappings>)
                return message.range;
            else if constexpr (std::constructible_from<ChangeRequest, Message>)
                return message;
            else
                return std::nullopt;
        },
        request);
}

GatewayReply replyOf(const ChangeResult& result) {
    return std::visit(
        [](const auto& value) -> GatewayReply {
            if constexpr (std::same_as<std::decay_t<decltype(value)>, NotYet>)
                return MappingError::Backend;  // it waits, and is not answered
            else
                return value;
        },
        result);
}

template <class T>
GatewayReply replyOf(const Result<T>& result) {
    if (!result) return result.error();
    return *result;
}

/// Requester and client of a request; one overload for each kind.
struct PartyFinder {
    using Addresses = std::pair<IpAddress, IpAddress>;
    const Openings& openings;

    Addresses operator()(const MappingRequest& request) const {
        if (request.client6) return {request.requester, *request.client6};
        if (request.internal.address.isUnspecified()) return {request.requester, request.requester};
        return {request.requester, request.internal.address};
    }
    Addresses operator()(const AnyMappingRequest& request) const {
        return (*this)(request.mapping);
    }
    Addresses operator()(const ReleaseRequest& request) const {
        return {request.requester, request.requester};
    }
    Addresses operator()(const RangeRequest& request) const {
        return {request.requester, request.requester};
    }
    Addresses operator()(const PinholeRequest& request) const {
        return {request.requester, request.key.client};
    }
    Addresses operator()(const PinholeUpdate& request) const {
        return ofPinhole(request.id, request.requester);
    }
    Addresses operator()(const PinholeRelease& request) const {
        return ofPinhole(request.id, request.requester);
    }
    template <class ByPcp>
    Addresses operator()(const ByPcp& request) const {
        return {request.requester, request.client};
    }

    [[nodiscard]] Addresses ofPinhole(PinholeId id, const IpAddress& requester) const {
        return {requester, openings.lists().clientOf(id).value_or(requester)};
    }
};

/// Mappings are of IPv4: a requester that speaks IPv6 asks as the host of IPv4 that it is, too, and
/// so a client is meant that was not named by an address of IPv4. Of several addresses it is the
/// one that the host itself asks from, else the one that has answered last: another may be left
/// over.
void resolveMapping(MappingRequest& mapping, Parties& parties) {
    const auto* const asking = std::get_if<Ipv4Address>(&parties.requester.address);
    if (mapping.internal.address.isUnspecified()) {
        parties.client = overIpv4(parties.client, asking != nullptr ? *asking : Ipv4Address{});
        if (const auto* const found = std::get_if<Ipv4Address>(&parties.client.address))
            mapping.internal.address = *found;
    }
    parties.requester = overIpv4(parties.requester, mapping.internal.address);
}

/// The request for a mapping in `request`; nullptr: it is for something else.
MappingRequest* mappingIn(ChangeRequest& request) {
    if (auto* const any = std::get_if<AnyMappingRequest>(&request)) return &any->mapping;
    return std::get_if<MappingRequest>(&request);
}

/// Returns whether `request` is about mappings, which are of IPv4.
bool isAboutMappings(const ChangeRequest& request) {
    return std::holds_alternative<MappingRequest>(request) ||
           std::holds_alternative<AnyMappingRequest>(request) ||
           std::holds_alternative<ReleaseRequest>(request) ||
           std::holds_alternative<RangeRequest>(request);
}

/// Returns the protocol of a client's request; nullopt: people look at a page.
std::optional<Origin> viaOf(const GatewayRequest& request) {
    return std::visit(
        [](const auto& one) -> std::optional<Origin> {
            using Message = std::decay_t<decltype(one)>;
            if constexpr (requires { one.origin; })
                return one.origin;
            else if constexpr (std::same_as<Message, PeerRequest>)
                return Origin::Pcp;
            else if constexpr (std::same_as<Message, GetRows> ||
                               std::same_as<Message, GetOverview> ||
                               std::same_as<Message, GetMetrics> ||
                               std::same_as<Message, CloseOpening> ||
                               std::same_as<Message, ApproveHost>)
                return std::nullopt;
            else
                return Origin::Igd;
        },
        request);
}

/// Returns `answered` with a look at the clock in front.
RequestDispatcher::Answered timed(RequestTimes& times, Origin via,
                                  RequestDispatcher::Answered answered) {
    return [&times, via, arrived = Clock::now(),
            answered = std::move(answered)](const GatewayReply& reply) {
        times.took(via, Clock::now() - arrived);
        answered(reply);
    };
}

}  // namespace

void RequestDispatcher::dispatch(const ipc::Call& call, const Lan& lan, Answered answered) {
    if (stopped_) return;
    const auto via = viaOf(call.request);
    if (parts_.times != nullptr && via) answered = timed(*parts_.times, *via, std::move(answered));
    if (!ipc::speaksFor(call.request, lan))
        return answered(ipc::refusalOf(call.request, MappingError::NotAuthorized));
    if (auto request = changeIn(call.request))
        return change({call, std::move(*request), lan, std::move(answered)});
    if (const auto late = ipc::refusalIfLate(call, Clock::now())) return answered(*late);
    carryOut();  // in the order in which they came
    answered(read(call.request, lan));
}

void RequestDispatcher::change(Waiting waiting) {
    const auto [requester, client] = partiesOf(waiting.request);
    const Lan lan = waiting.lan;
    parts_.hosts.whenKnown(lan, requester, client, [this, waiting = std::move(waiting)]() mutable {
        enqueue(std::move(waiting));
    });
}

void RequestDispatcher::enqueue(Waiting waiting) {
    if (stopped_) return;
    waiting_.push_back(std::move(waiting));
    if (waiting_.size() == 1) boost::asio::post(loop_, [this] { carryOut(); });
}

void RequestDispatcher::carryOut() {
    if (stopped_ || (waiting_.empty() && undecided_.empty()) || isToWait()) return;
    std::vector<Waiting> waiting = takeAll();
    const TimePoint now = Clock::now();
    std::vector<Change> changes;
    std::vector<Waiting*> asking;
    std::vector<std::pair<const Answered*, GatewayReply>> answers;
    for (Waiting& each : waiting) {
        if (auto late = ipc::refusalIfLate(each.call, now)) {
            answers.emplace_back(&each.answered, std::move(*late));
        } else {
            changes.push_back(resolved(each));
            asking.push_back(&each);
        }
    }
    const auto results = parts_.openings.apply(changes, now);
    parts_.applied();
    for (std::size_t i = 0; i < results.size(); ++i)
        if (std::holds_alternative<NotYet>(results[i]))
            undecided_.push_back(std::move(*asking[i]));
        else
            answers.emplace_back(&asking[i]->answered, replyOf(results[i]));
    if (!undecided_.empty()) retryLater();
    for (const auto& [caller, reply] : answers) (*caller)(reply);
}

std::vector<RequestDispatcher::Waiting> RequestDispatcher::takeAll() {
    std::vector<Waiting> all = std::exchange(undecided_, {});
    std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(all));
    return all;
}

/// Nobody says when the other program has done its work, so it is looked again and again. After
/// some time the change is tried all the same: the firewall refuses it then, and says why.
bool RequestDispatcher::isToWait() {
    if (!parts_.busy()) {
        busySince_.reset();
        return false;
    }
    const TimePoint now = Clock::now();
    if (!busySince_) busySince_ = now;
    if (now - *busySince_ >= kPatience) return false;
    if (retry_.expiry() <= now) retryLater();
    return true;
}

void RequestDispatcher::retryLater() {
    retry_.expires_after(kPause);
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error) carryOut();
    });
}

Change RequestDispatcher::resolved(Waiting& waiting) const {
    const auto [requesterAddress, clientAddress] = partiesOf(waiting.request);
    Parties parties{parts_.hosts.resolve(waiting.lan, requesterAddress),
                    parts_.hosts.resolve(waiting.lan, clientAddress), waiting.lan};
    if (MappingRequest* const mapping = mappingIn(waiting.request))
        resolveMapping(*mapping, parties);
    else if (isAboutMappings(waiting.request))
        parties.requester = overIpv4(parties.requester, Ipv4Address{});
    return {waiting.request, std::move(parties)};
}

std::pair<IpAddress, IpAddress> RequestDispatcher::partiesOf(const ChangeRequest& request) const {
    return std::visit(PartyFinder{parts_.openings}, request);
}

GatewayReply RequestDispatcher::read(const GatewayRequest& request, const Lan& lan) {
    const TimePoint now = Clock::now();
    const auto host = [&](const IpAddress& address) {
        return overIpv4(parts_.hosts.resolve(lan, address), Ipv4Address{});
    };
    if (const auto* const find = std::get_if<FindMapping>(&request))
        return replyOf(parts_.openings.lists().find(find->key, host(find->requester), now));
    if (const auto* const at = std::get_if<MappingAt>(&request))
        return replyOf(parts_.openings.lists().at(at->index, host(at->requester), now));
    if (const auto* const list = std::get_if<ListMappings>(&request)) {
        auto views = parts_.openings.lists().range(list->range, host(list->range.requester),
                                                   kMaxListed, now);
        if (!views) return views.error();
        return MappingViews{std::move(*views)};
    }
    if (const auto* const count = std::get_if<CountPinhole>(&request)) {
        const Host requester = parts_.hosts.resolve(lan, count->requester);
        const auto packets = parts_.openings.packets(count->id, {requester, requester, lan}, now);
        if (!packets) return packets.error();
        return PacketCount{*packets};
    }
    if (const auto* const get = std::get_if<GetOutboundTimeout>(&request)) {
        const auto timeout = parts_.outboundTimeout(get->protocol);
        if (!timeout) return MappingError::NotFound;
        return *timeout;
    }
    if (std::holds_alternative<GetStatus>(request)) return parts_.status();
    // Metrics are for one process of ours, which serves no LAN.
    if (!parts_.show || std::holds_alternative<GetMetrics>(request))
        return MappingError::NotAuthorized;
    const auto requester = ipc::requesterOf(request);
    return parts_.show(request, requester ? host(*requester) : Host{});
}

void RequestDispatcher::stop() {
    stopped_ = true;
    retry_.cancel();
    waiting_.clear();
    undecided_.clear();
}

}  // namespace igd
