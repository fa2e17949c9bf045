// SPDX-License-Identifier: GPL-2.0-or-later
// The external connection: what the kernel says about one interface, and since when it is
// connected; and what clients are told of it.
#pragma once

#include "upnpd/external/external_address.h"
#include "upnpd/external/external_view.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/system/interfaces.h"

#include <string>
#include <vector>

namespace igd {

class Wan {
public:
    struct BitRates {
        std::uint64_t upstream = 0;  ///< bit/s; 0: what the driver says
        std::uint64_t downstream = 0;
    };

    /// `interfaces` must outlive this.
    Wan(const Interfaces& interfaces, InterfaceName name, BitRates rates,
        ExternalAddressSetting setting);

    /// Reads the interface again. Returns whether its link or one of its addresses is another one.
    bool refresh(TimePoint now);

    /// Takes another interface; refresh() has to follow.
    void moveTo(InterfaceName name) { name_ = std::move(name); }
    void setBitRates(BitRates rates) { rates_ = rates; }
    /// Takes the setting of a configuration that was read again.
    void set(ExternalAddressSetting setting) { external_.set(std::move(setting)); }
    /// A STUN server was asked.
    void heard(const StunReport& report) { external_.heard(report); }

    /// The gateway above tells that: see ExternalAddress::above().
    void above(std::optional<Ipv4Address> address, std::string from) {
        external_.above(address, std::move(from));
    }

    /// Returns the status as clients see it, without what it counts: mappings, bytes, packets.
    [[nodiscard]] GatewayStatus status() const;
    /// Fills in the bytes and packets that have passed until now.
    void count(GatewayStatus& status) const;

    /// Returns the source of what the router sends to the Internet by the interface.
    [[nodiscard]] std::optional<Ipv4Address> address() const;
    /// Returns every IPv4 address of the interface, the one above first: a service of the router on
    /// any of them is in the way of a mapping. None while the link is down.
    [[nodiscard]] std::vector<Ipv4Address> allAddresses() const;
    /// Returns the address that clients see, and what decides it; there is none when the interface
    /// has none.
    [[nodiscard]] const ExternalAddress& external() const { return external_; }
    /// Returns where mapped ports are found: at the address that clients are told when it is the
    /// interface's, and otherwise at the one above; there, hosts of the LAN also find them at the
    /// one they are told when it is public. (A server that is asked shall not draw to a mapping
    /// what is meant for a private network.) The interface's other addresses are the router's.
    /// None while it has none.
    [[nodiscard]] std::vector<Ipv4Address> addresses() const;
    /// Returns the interface; none() while none is known.
    [[nodiscard]] const InterfaceName& name() const { return name_; }
    /// For people.
    [[nodiscard]] ExternalView view() const;

private:
    const Interfaces& interfaces_;
    InterfaceName name_;
    BitRates rates_;
    InterfaceState state_;
    std::uint64_t speed_ = 0;  ///< bit/s, as the driver said at the last look; 0: it does not say
    ExternalAddress external_;
    std::optional<TimePoint> connectedSince_;
};

}  // namespace igd
