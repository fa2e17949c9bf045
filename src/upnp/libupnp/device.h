// SPDX-License-Identifier: GPL-2.0-or-later
// libupnp plays this device: advertisements, and the last step of SOAP. The device has a thread of
// its own, which alone starts and ends libupnp; libupnp's threads call in from below.
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
};

/// The device calls both on its own thread.
struct DeviceEvents {
    std::function<void(Port)> listening;           ///< libupnp takes requests there
    std::function<void(std::string error)> ready;  ///< announced; or what went wrong
};

class UpnpDevice {
public:
    /// Starts the thread. `relays` says who asked; it and `gateway` must outlive stop().
    UpnpDevice(DeviceSettings settings, PortMappingService& gateway, const RelayTable& relays,
               Ipv4AddressOf ipv4Of);
    ~UpnpDevice();

    void start(DeviceEvents events);

    /// Sends ssdp:byebye and calls UpnpFinish(). Returns false when libupnp has not ended after
    /// `patience`: its threads still run, and the process should end without ceremony.
    bool stop(Seconds patience);

private:
    class Life;
    std::shared_ptr<Life>
        life_;  ///< the thread keeps it, too: it may outlive this after a failed stop()
    bool started_ = false;
};

}  // namespace igd::upnp
