// SPDX-License-Identifier: GPL-2.0-or-later
// libupnp's threads call these functions for actions, queries and subscriptions; events go the
// other way.
#pragma once

#include "libupnp/relay_table.h"

#include "upnpd/igd/actions.h"
#include "upnpd/upnp/lan_server.h"

#include <upnp.h>
#undef IN
#undef OUT
#undef INOUT
#undef TRUE
#undef FALSE

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

namespace igd::upnp {

class DeviceCallbacks {
public:
    DeviceCallbacks(PortMappingService& gateway, const DeviceIdentity& identity,
                    const RelayTable& relays, Ipv4AddressOf ipv4Of)
        : gateway_(gateway),
          identity_(identity),
          version1_(asVersion1(identity)),
          relays_(relays),
          ipv4Of_(std::move(ipv4Of)) {}

    /// libupnp enters here; `self` is a DeviceCallbacks.
    static int entry(Upnp_EventType type, const void* event, void* self) noexcept;

    /// Sets the device's handle, and the status with which later ones are compared.
    void begin(UpnpDevice_Handle handle);

    /// Sends an event to the subscribers of each service of which an evented value changed. It may
    /// block for the 100 ms in which libupnp sends advertisements.
    void notify(const GatewayStatus& status);

private:
    using Values = std::vector<ArgumentValue>;

    void dispatch(Upnp_EventType type, void* event);
    void perform(UpnpActionRequest& request);
    [[nodiscard]] ActionResult call(UpnpActionRequest& request, SoapCall& call);
    [[nodiscard]] Requester requesterOf(const IpAddress& address, const SoapCall& call) const;
    void query(UpnpStateVarRequest& request);
    void subscribed(const UpnpSubscriptionRequest& request);
    void learn(const GatewayStatus& status);
    void notifyService(const Service& service, const GatewayStatus& status);

    PortMappingService& gateway_;
    const DeviceIdentity& identity_;
    const DeviceIdentity version1_;
    const RelayTable& relays_;
    const Ipv4AddressOf ipv4Of_;
    std::atomic<UpnpDevice_Handle> handle_{-1};
    /// The lock is held from the question for the status until its values are on their way: a
    /// change in between reaches a new subscriber after the initial event, never before it
    /// (GENA-EVENT-03).
    std::mutex eventing_;
    std::optional<GatewayStatus> latest_;
    std::map<const Service*, Values> told_;
};

}  // namespace igd::upnp
