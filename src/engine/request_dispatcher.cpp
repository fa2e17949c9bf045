// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_dispatcher.h"

#include "upnpd/ipc/call_checks.h"

#include <boost/asio/post.hpp>

#include <array>
#include <concepts>
#include <utility>

namespace igd {
namespace {

/// The change that a message asks for; nullopt: it asks for none.
std::optional<ChangeRequest> changeIn(const ipc::Request& request) {
    return std::visit(
        [](const auto& message) -> std::optional<ChangeRequest> {
            using Message = std::decay_t<decltype(message)>;
            if constexpr (std::same_as<Message, ipc::DeleteMappings>)
                return message.range;
            else if constexpr (std::constructible_from<ChangeRequest, Message>)
                return message;
            else
                return std::nullopt;
        },
        request);
}

ipc::Reply replyOf(const ChangeResult& result) {
    return std::visit(
        [](const auto& value) -> ipc::Reply {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::same_as<Value, Changed>)
                return ipc::Done{};
            else if constexpr (std::same_as<Value, PinholeOpened>)
                return ipc::PinholeOpened{value.id};
            else
                return value;
        },
        result);
}

template <class T>
ipc::Reply replyOf(const Result<T>& result) {
    if (!result) return result.error();
    return *result;
}

/// Requester and client of a request; one overload for each kind.
struct PartyFinder {
    using Addresses = std::pair<IpAddress, IpAddress>;
    const Openings& openings;

    Addresses operator()(const MappingRequest& request) const {
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

}  // namespace

void RequestDispatcher::dispatch(const ipc::Call& call, const Lan& lan, Answered answered) {
    if (stopped_) return;
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
    const std::array addresses{requester, client};
    const Lan lan = waiting.lan;
    parts_.hosts.whenKnown(lan, addresses, [this, waiting = std::move(waiting)]() mutable {
        enqueue(std::move(waiting));
    });
}

void RequestDispatcher::enqueue(Waiting waiting) {
    waiting_.push_back(std::move(waiting));
    if (waiting_.size() == 1) boost::asio::post(loop_, [this] { carryOut(); });
}

void RequestDispatcher::carryOut() {
    if (stopped_ || waiting_.empty()) return;
    const auto waiting = std::exchange(waiting_, {});
    const TimePoint now = Clock::now();
    std::vector<Change> changes;
    std::vector<const Answered*> answered;
    for (const Waiting& each : waiting) {
        if (const auto late = ipc::refusalIfLate(each.call, now)) {
            each.answered(*late);
            continue;
        }
        const auto [requester, client] = partiesOf(each.request);
        changes.push_back({each.request,
                           {parts_.hosts.resolve(each.lan, requester),
                            parts_.hosts.resolve(each.lan, client), each.lan}});
        answered.push_back(&each.answered);
    }
    const auto results = parts_.openings.apply(changes, now);
    for (std::size_t i = 0; i < results.size(); ++i) (*answered[i])(replyOf(results[i]));
    parts_.applied();
}

std::pair<IpAddress, IpAddress> RequestDispatcher::partiesOf(const ChangeRequest& request) const {
    return std::visit(PartyFinder{parts_.openings}, request);
}

ipc::Reply RequestDispatcher::read(const ipc::Request& request, const Lan& lan) {
    const TimePoint now = Clock::now();
    const auto host = [&](const IpAddress& address) { return parts_.hosts.resolve(lan, address); };
    if (const auto* const find = std::get_if<ipc::FindMapping>(&request))
        return replyOf(parts_.openings.lists().find(find->key, host(find->requester), now));
    if (const auto* const at = std::get_if<ipc::MappingAt>(&request))
        return replyOf(parts_.openings.lists().at(at->index, host(at->requester), now));
    if (const auto* const list = std::get_if<ipc::ListMappings>(&request)) {
        auto views = parts_.openings.lists().range(list->range, host(list->range.requester),
                                                   ipc::kMaxListed, now);
        if (!views) return views.error();
        return ipc::MappingViews{std::move(*views)};
    }
    if (const auto* const count = std::get_if<ipc::CountPinhole>(&request)) {
        const Host requester = host(count->requester);
        const auto packets = parts_.openings.packets(count->id, {requester, requester, lan}, now);
        if (!packets) return packets.error();
        return ipc::PacketCount{*packets};
    }
    if (const auto* const get = std::get_if<ipc::GetOutboundTimeout>(&request)) {
        const auto timeout = parts_.outboundTimeout(get->protocol);
        if (!timeout) return MappingError::NotFound;
        return *timeout;
    }
    return parts_.status();
}

void RequestDispatcher::stop() {
    stopped_ = true;
    waiting_.clear();
}

}  // namespace igd
