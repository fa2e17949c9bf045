// SPDX-License-Identifier: GPL-2.0-or-later
// The external connection: what the interface monitor says about one interface, and since when it is
// connected.
#pragma once

#include "upnpd/portmap/gateway.h"
#include "upnpd/system/interfaces.h"

#include <string>

namespace igd {

class Wan {
public:
    struct BitRates {
        std::uint64_t upstream = 0;  ///< bit/s; 0: what the driver says
        std::uint64_t downstream = 0;
    };

    Wan(const InterfaceMonitor& monitor, InterfaceName name, BitRates rates);

    /// Reads the interface again. True when link or address differ from before; then it is in the log.
    bool refresh(TimePoint now);

    void setBitRates(BitRates rates) { rates_ = rates; }

    /// With fresh counters, and without the number of mappings.
    [[nodiscard]] GatewayStatus status(TimePoint now) const;

    [[nodiscard]] std::optional<Ipv4Address> address() const;
    [[nodiscard]] const InterfaceName& name() const { return name_; }
    /// "ppp0 80.100.100.1 (public)", for the log.
    [[nodiscard]] std::string describe() const;

private:
    const InterfaceMonitor& monitor_;
    InterfaceName name_;
    BitRates rates_;
    InterfaceState state_;
    std::optional<TimePoint> connectedSince_;
};

}  // namespace igd
