// SPDX-License-Identifier: GPL-2.0-or-later
// NAT-PMP and PCP on port 5351 of one internal interface, and their announcements. Lives in the
// front end's loop thread.
#pragma once

#include "upnpd/net/retries.h"
#include "upnpd/pcp/responder.h"
#include "upnpd/portmap/host_keys.h"
#include "upnpd/portmap/lan.h"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace igd {

struct PortControlConfig {
    pcp::ResponderConfig protocols;
    std::size_t requestsPerSecond = 500;  ///< of one client; more are dropped
    bool legacyAnnouncements =
        false;  ///< to port 5351, too, where clients of before 2008 listen (ANN-07)
    bool operator==(const PortControlConfig&) const = default;
};

class PortControlServer {
public:
    /// Opens the sockets and begins to announce. What cannot be opened is tried again by `retries`,
    /// which must not call back once this has ended; the rest works. `hosts` must outlive this.
    PortControlServer(boost::asio::io_context& loop, Lan lan, PortControlConfig config,
                      Gateway& gateway, HostKeys& hosts, Retries& retries,
                      const pcp::GatewayState& state);
    ~PortControlServer();

    /// `lan` is what there is on that interface now, the router's link-local addresses of IPv6
    /// included: each of its addresses is served, and no other.
    void addressesChanged(const Lan& lan);

    /// Another epoch, or another external address, is announced.
    void stateChanged(const pcp::GatewayState& state);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
