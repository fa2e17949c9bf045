// SPDX-License-Identifier: GPL-2.0-or-later
// Tells how the gateway is: to the front ends, which tell their clients, and to the service
// manager.
#pragma once

#include "upnpd/external/external_connection.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/openings.h"
#include "upnpd/system/service_manager.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

class StatusReporter {
public:
    struct Parts {
        const Openings& openings;
        const ExternalConnection& external;
        std::function<bool()> ipv6FirewallEnabled;
        std::function<std::vector<InterfaceName>()> awaited;  ///< interfaces without an address
        std::function<void(const GatewayStatus&)> broadcast;  ///< to all front ends
        std::function<bool()> standsBy{};  ///< the other router of a pair answers
    };

    StatusReporter(boost::asio::io_context& loop, const ServiceManager& manager, Parts parts);

    /// Begins to feed the service manager.
    void start() { report_.start(); }
    /// Returns the status at present, for a front end that starts; a later one has a greater
    /// serial.
    [[nodiscard]] GatewayStatus status();
    /// Returns the same with counts of bytes and packets, which cost a look at the kernel.
    [[nodiscard]] GatewayStatus countedStatus();
    /// Something that clients are told of has changed. Front ends hear of it once for all that
    /// happens within a moment: subscribers are told of the number of mappings every 200 ms at most
    /// anyway, and a client that asks for hundreds does not pay for each.
    void changed();
    /// Tells now what changed() would tell in a moment, so that whoever is answered after this
    /// finds the change in the status.
    void tellNow();
    void stop();

private:
    [[nodiscard]] std::string line() const;
    [[nodiscard]] GatewayStatus present();
    void tell();

    Parts parts_;
    ServiceReport report_;
    boost::asio::steady_timer broadcast_;
    std::uint64_t serial_ = 0;
    std::optional<GatewayStatus> told_;  ///< what all front ends know; nullopt: not all the same
    bool planned_ = false;
    bool stopped_ = false;
};

}  // namespace igd
