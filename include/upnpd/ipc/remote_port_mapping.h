// SPDX-License-Identifier: GPL-2.0-or-later
// The front end's PortMappingService: asks the engine and waits. Any thread but the loop's may call
// it.
#pragma once

#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/messages.h"
#include "upnpd/util/seat.h"

#include <condition_variable>
#include <map>
#include <mutex>

namespace igd::ipc {

class RemotePortMapping final : public PortMappingService {
public:
    /// `channel` must outlive this.
    explicit RemotePortMapping(Channel& channel) : channel_(channel) {}

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

    /// The loop hands each Answer over here.
    void answered(const Answer& answer);
    /// Whoever waits gets MappingError::Backend, now and from now on.
    void close();

private:
    template <class T>
    Result<T> ask(const Request& request);
    template <class T>
    Result<T> askOfHost(const Request& request, const IpAddress& requester);
    Result<void> command(const Request& request);
    [[nodiscard]] Reply call(const Request& request);

    Channel& channel_;
    Seats discovering_{2};  ///< each keeps a thread of libupnp's from other hosts
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint32_t, std::optional<Reply>> waiting_;  ///< by call id; nullopt until answered
    std::uint32_t nextId_ = 0;
    bool closed_ = false;
};

}  // namespace igd::ipc
