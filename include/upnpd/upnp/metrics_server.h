// SPDX-License-Identifier: GPL-2.0-or-later
// Answers GET and HEAD of /metrics, and nothing else, at one address. It is of the loop thread of a
// process without rights, which asks the engine for the text.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_endpoint.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/host_keys.h"
#include "upnpd/upnp/lan_server.h"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace igd {

class MetricsServer {
public:
    struct Config {
        InterfaceName interface;  ///< that has the address; packets of others are not heard
        IpEndpoint local;
        GateLimits limits;
    };
    /// Listens, and answers from now on. `gateway` and `hosts` must outlive this. Throws
    /// std::system_error when the address cannot be had; its text says which.
    MetricsServer(boost::asio::io_context& loop, const Config& config, Gateway& gateway,
                  HostKeys& hosts);
    ~MetricsServer();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
