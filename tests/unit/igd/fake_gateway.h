// SPDX-License-Identifier: GPL-2.0-or-later
// A gateway that remembers what it was asked and answers what the test wants, and control points.
#pragma once

#include "upnpd/igd/actions.h"

#include <algorithm>
#include <string>
#include <vector>

namespace igd {

inline const Ipv4Address kAlice = *parseIpv4Address("192.168.1.10");

inline DeviceIdentity sampleIdentity() {
    DeviceIdentity identity;
    identity.uuid = "11111111-2222-3333-4444-555555555555";
    identity.friendlyName = "<router> & \"co\"";
    identity.manufacturer = "m";
    identity.manufacturerUrl = "http://m/";
    identity.modelName = std::string(100, 'x');
    identity.modelNumber = "1";
    return identity;
}

class FakeGateway {
public:
    GatewayReply replyTo(const GatewayRequest& request) {
        ++asked;
        return std::visit([this](const auto& one) { return this->reply(one); }, request);
    }

    std::optional<MappingError> refusal;
    std::size_t asked = 0;  ///< questions
    std::vector<MappingRequest> added;
    std::vector<ReleaseRequest> deleted;
    std::vector<RangeRequest> ranges;
    std::vector<PinholeRequest> pinholes;
    std::pair<PinholeId, Seconds> updated;
    std::uint64_t packets = 0;
    std::vector<MappingView> views;  ///< by port
    /// The announced status. The counts are fresh: only who asks is told of them.
    GatewayStatus present{.linkUp = true,
                          .externalAddress = parseIpv4Address("80.100.100.1"),
                          .connectedSince = TimePoint{Seconds{1000}}};
    std::uint64_t bytesSent = 0;

private:
    [[nodiscard]] GatewayReply orRefusal(GatewayReply reply) const {
        return refusal ? GatewayReply{*refusal} : std::move(reply);
    }
    GatewayReply reply(const MappingRequest& request) {
        if (!refusal) added.push_back(request);
        return orRefusal(Done{});
    }
    GatewayReply reply(const AnyMappingRequest& request) {
        if (!refusal) added.push_back(request.mapping);
        const unsigned port = request.mapping.key.externalPort.value + 1U;
        return orRefusal(Port{static_cast<std::uint16_t>(port)});
    }
    GatewayReply reply(const ReleaseRequest& request) {
        if (!refusal) deleted.push_back(request);
        return orRefusal(Done{});
    }
    GatewayReply reply(const DeleteMappings& request) {
        if (!refusal) ranges.push_back(request.range);
        return orRefusal(Done{});
    }
    GatewayReply reply(const ListMappings& request) {
        ranges.push_back(request.range);
        MappingViews page;
        for (const MappingView& view : views)
            if (request.range.ports.contains(view.key.externalPort) &&
                page.views.size() < kMaxListed)
                page.views.push_back(view);
        return page.views.empty() ? orRefusal(MappingError::NotFound) : orRefusal(page);
    }
    GatewayReply reply(const FindMapping& request) {
        for (const auto& view : views)
            if (view.key == request.key) return view;
        return orRefusal(MappingError::NotFound);
    }
    GatewayReply reply(const MappingAt& request) {
        if (request.index < views.size()) return views[request.index];
        return orRefusal(MappingError::IndexOutOfRange);
    }
    GatewayReply reply(const PinholeRequest& request) {
        if (!refusal) pinholes.push_back(request);
        return orRefusal(PinholeOpened{7});
    }
    GatewayReply reply(const PinholeUpdate& request) {
        if (!refusal) updated = {request.id, request.lease};
        return orRefusal(Done{});
    }
    GatewayReply reply(const CountPinhole&) { return orRefusal(PacketCount{packets}); }
    static GatewayReply reply(const GetOutboundTimeout&) { return Seconds{120}; }
    GatewayReply reply(const GetStatus&) {
        GatewayStatus counted = present;
        counted.bytesSent = bytesSent;
        return orRefusal(counted);
    }
    template <class Release>
    GatewayReply reply(const Release&) {
        return orRefusal(Done{});
    }
};

/// Returns what a step comes to when `gateway` answers every question.
template <class Result>
Result resultOf(Step<Result> step, FakeGateway& gateway) {
    while (auto* const question = std::get_if<Question<Result>>(&step)) {
        auto next = question->then(gateway.replyTo(question->request));
        step = std::move(next);
    }
    return std::get<Result>(std::move(step));
}

/// Calls actions as a control point does, by names and texts.
struct Caller {
    FakeGateway gateway;
    DeviceIdentity identity = sampleIdentity();

    ActionResult call(std::string_view service, std::string action,
                      std::vector<ArgumentValue> arguments = {}) {
        return callAs(*serviceById(identity.profile, service), std::move(action),
                      std::move(arguments));
    }
    /// Does the same with the URN of version 1.
    ActionResult callAsVersion1(std::string_view service, std::string action,
                                std::vector<ArgumentValue> arguments = {}) {
        return callAs(*serviceById(kVersion1, service), std::move(action), std::move(arguments));
    }

    /// Calls a service by another type than its own.
    ActionResult callType(std::string type, std::string_view service, std::string action,
                          std::vector<ArgumentValue> arguments = {}) {
        return resultOf(
            callAction({gateway.present, identity, now, leasesAsAsked},
                       *serviceById(identity.profile, service),
                       {std::move(type), std::move(action), std::move(arguments)}, requester),
            gateway);
    }
    QueryResult query(std::string_view service, std::string_view variable) {
        return resultOf(queryVariable({gateway.present, identity, now},
                                      *serviceById(identity.profile, service), variable),
                        gateway);
    }

    IpAddress requester = kAlice;
    TimePoint now{Seconds{1012}};
    bool leasesAsAsked = false;

private:
    ActionResult callAs(const Service& face, std::string action,
                        std::vector<ArgumentValue> arguments) {
        return callType(std::string{face.type}, face.id, std::move(action), std::move(arguments));
    }
};

constexpr std::string_view kWanIp = "urn:upnp-org:serviceId:WANIPConn1";
constexpr std::string_view kWanCommon = "urn:upnp-org:serviceId:WANCommonIFC1";
constexpr std::string_view kLayer3 = "urn:upnp-org:serviceId:L3Forwarding1";

}  // namespace igd
