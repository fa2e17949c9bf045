// SPDX-License-Identifier: GPL-2.0-or-later
// A gateway that remembers what it was asked and answers what the test wants.
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

class FakeGateway final : public PortMappingService {
public:
    Result<void> addPortMapping(const MappingRequest& request) override {
        if (refusal) return fail(*refusal);
        added.push_back(request);
        return {};
    }
    Result<void> deletePortMapping(const ReleaseRequest& request) override {
        if (refusal) return fail(*refusal);
        deleted.push_back(request);
        return {};
    }
    Result<Port> addAnyPortMapping(const MappingRequest& request) override {
        if (refusal) return fail(*refusal);
        added.push_back(request);
        return Port{static_cast<std::uint16_t>(request.key.externalPort.value + 1)};
    }
    Result<void> deletePortMappings(const RangeRequest& request) override {
        if (refusal) return fail(*refusal);
        ranges.push_back(request);
        return {};
    }
    Result<std::vector<MappingView>> portMappings(const RangeRequest& request,
                                                  std::size_t limit) override {
        if (refusal) return fail(*refusal);
        ranges.push_back(request);
        return std::vector(views.begin(), views.begin() + static_cast<std::ptrdiff_t>(
                                                              std::min(limit, views.size())));
    }
    Result<MappingView> portMapping(const MappingKey& key, Ipv4Address /*requester*/) override {
        for (const auto& view : views)
            if (view.key == key) return view;
        return fail(refusal.value_or(MappingError::NotFound));
    }
    Result<MappingView> portMappingAt(std::uint32_t index, Ipv4Address /*requester*/) override {
        if (index < views.size()) return views[index];
        return fail(refusal.value_or(MappingError::IndexOutOfRange));
    }
    Result<PinholeId> addPinhole(const PinholeRequest& request) override {
        if (refusal) return fail(*refusal);
        pinholes.push_back(request);
        return PinholeId{7};
    }
    Result<void> updatePinhole(PinholeId id, Seconds lease,
                               const IpAddress& /*requester*/) override {
        if (refusal) return fail(*refusal);
        updated = {id, lease};
        return {};
    }
    Result<void> deletePinhole(PinholeId /*id*/, const IpAddress& /*requester*/) override {
        if (refusal) return fail(*refusal);
        return {};
    }
    Result<std::uint64_t> pinholePackets(PinholeId /*id*/,
                                         const IpAddress& /*requester*/) override {
        if (refusal) return fail(*refusal);
        return packets;
    }
    Result<Seconds> outboundTimeout(Protocol /*protocol*/) override { return Seconds{120}; }
    Result<GatewayStatus> status() override {
        if (refusal == MappingError::Backend) return fail(*refusal);
        return present;
    }

    std::optional<MappingError> refusal;
    std::vector<MappingRequest> added;
    std::vector<ReleaseRequest> deleted;
    std::vector<RangeRequest> ranges;
    std::vector<PinholeRequest> pinholes;
    std::pair<PinholeId, Seconds> updated;
    std::uint64_t packets = 0;
    std::vector<MappingView> views;
    GatewayStatus present{.linkUp = true,
                          .externalAddress = parseIpv4Address("80.100.100.1"),
                          .connectedFor = Seconds{12}};
};

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

private:
    ActionResult callAs(const Service& face, std::string action,
                        std::vector<ArgumentValue> arguments) {
        return callAction({gateway, identity}, *serviceById(identity.profile, face.id),
                          {std::string{face.type}, std::move(action), std::move(arguments)},
                          kAlice);
    }
};

constexpr std::string_view kWanIp = "urn:upnp-org:serviceId:WANIPConn1";
constexpr std::string_view kWanCommon = "urn:upnp-org:serviceId:WANCommonIFC1";
constexpr std::string_view kLayer3 = "urn:upnp-org:serviceId:L3Forwarding1";

}  // namespace igd
