// SPDX-License-Identifier: GPL-2.0-or-later
// libupnp advertises this device, and nothing else. The device has a thread of its own, which alone
// starts and ends libupnp.
#pragma once

#include "upnpd/net/address.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/util/time.h"

#include <functional>
#include <memory>
#include <string>

namespace igd::upnp {

struct DeviceSettings {
    InterfaceName interface;
    Ipv4Address address;
    std::string descriptionUrl;  ///< the gate's: libupnp reads it, and announces it as LOCATION
    std::string version1DescriptionUrl;
};

class UpnpDevice {
public:
    explicit UpnpDevice(DeviceSettings settings);
    ~UpnpDevice();

    /// Starts the thread, which calls `ready`: with an empty text when the device is announced, or
    /// with what went wrong.
    void start(std::function<void(std::string error)> ready);

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
