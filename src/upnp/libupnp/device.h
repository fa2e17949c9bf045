// SPDX-License-Identifier: GPL-2.0-or-later
// The device that libupnp plays: advertisements, and the last step of SOAP and eventing. It has a
// thread of its own, which alone starts and ends libupnp and sends the events; libupnp's threads
// call in from below.
#pragma once

#include "libupnp/relay_table.h"

#include "upnpd/igd/description.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/upnp/lan_server.h"

#include <functional>
#include <memory>
#include <string>

namespace igd::upnp {

struct DeviceSettings {
    InterfaceName interface;
    Ipv4Address address;
    std::string descriptionUrl;  ///< the gate's: libupnp reads it, and announces it as LOCATION
    std::string version1DescriptionUrl;
    DeviceIdentity identity;
    std::size_t subscriptions;  ///< of each service, at most
};

/// Both are called on the device's own thread.
struct DeviceEvents {
    std::function<void(Port)> listening;           ///< libupnp takes requests there
    std::function<void(std::string error)> ready;  ///< announced; or what went wrong
};

class UpnpDevice {
public:
    /// `relays` says who asked; it and `gateway` must outlive stop().
    UpnpDevice(DeviceSettings settings, PortMappingService& gateway, const RelayTable& relays,
               Ipv4AddressOf ipv4Of);
    ~UpnpDevice();

    void start(DeviceEvents events);

    /// Tells the subscribers, within some 200 ms, of what differs from what they were told last.
    /// Never blocks.
    void statusChanged(const GatewayStatus& status);

    /// ssdp:byebye and UpnpFinish(). False when libupnp has not ended after `patience`: its threads
    /// still run and the process should end without ceremony.
    bool stop(Seconds patience);

private:
    class Life;
    std::shared_ptr<Life>
        life_;  ///< the thread keeps it, too: it may outlive this after a failed stop()
    bool started_ = false;
};

}  // namespace igd::upnp
