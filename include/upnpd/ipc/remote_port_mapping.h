// SPDX-License-Identifier: GPL-2.0-or-later
// The front end's PortMappingService: asks the engine and waits. Any thread but the loop's may call
// it.
#pragma once

#include "upnpd/ipc/call_table.h"
#include "upnpd/util/seat.h"

namespace igd::ipc {

class RemotePortMapping final : public PortMappingService {
public:
    /// `calls` must outlive this. The engine does what a function asks within `patience` of its
    /// call, or never; the function returns within the grace of the table after that, and fails
    /// with Backend when it was not done.
    explicit RemotePortMapping(CallTable& calls, Clock::duration patience = kCallTime)
        : calls_(calls), patience_(patience) {}

    Result<void> addPortMapping(const MappingRequest& request) override;
    Result<void> deletePortMapping(const ReleaseRequest& request) override;
    Result<Port> addAnyPortMapping(const MappingRequest& request) override;
    Result<void> deletePortMappings(const RangeRequest& request) override;
    Result<MappingView> portMapping(const MappingKey& key, Ipv4Address requester) override;
    Result<MappingView> portMappingAt(std::uint32_t index, Ipv4Address requester) override;
    Result<std::vector<MappingView>> portMappings(const RangeRequest& request,
                                                  std::size_t limit) override;
    Result<PinholeId> addPinhole(const PinholeRequest& request) override;
    Result<void> updatePinhole(PinholeId id, Seconds lease, const IpAddress& requester) override;
    Result<void> deletePinhole(PinholeId id, const IpAddress& requester) override;
    Result<std::uint64_t> pinholePackets(PinholeId id, const IpAddress& requester) override;
    Result<Seconds> outboundTimeout(Protocol protocol) override;
    Result<GatewayStatus> status() override;

private:
    [[nodiscard]] TimePoint deadline() const { return Clock::now() + patience_; }
    template <class T>
    Result<T> ask(const Request& request, TimePoint deadline);
    template <class T>
    Result<T> ask(const Request& request) {
        return ask<T>(request, deadline());
    }
    template <class T>
    Result<T> askOfHost(const Request& request, const IpAddress& requester);

    CallTable& calls_;
    const Clock::duration patience_;
    Seats discovering_{2};  ///< each keeps a thread of libupnp's from other hosts
};

}  // namespace igd::ipc
