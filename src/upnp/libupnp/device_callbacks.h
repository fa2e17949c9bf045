// SPDX-License-Identifier: GPL-2.0-or-later
// libupnp's threads call these functions for actions and queries.
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

private:
    void dispatch(Upnp_EventType type, void* event);
    void perform(UpnpActionRequest& request);
    [[nodiscard]] ActionResult call(UpnpActionRequest& request, SoapCall& call);
    [[nodiscard]] Requester requesterOf(const IpAddress& address, const SoapCall& call) const;
    void query(UpnpStateVarRequest& request);

    PortMappingService& gateway_;
    const DeviceIdentity& identity_;
    const DeviceIdentity version1_;
    const RelayTable& relays_;
    const Ipv4AddressOf ipv4Of_;
};

}  // namespace igd::upnp
