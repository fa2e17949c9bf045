// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upnp/metrics_server.h"

#include "http/http_listener.h"
#include "http/metrics_handler.h"

namespace igd {
namespace {

using namespace upnp;

/// A request here has no body.
GateLimits withoutBodies(GateLimits limits) {
    limits.bodyBytes = 0;
    return limits;
}

}  // namespace

class MetricsServer::Impl {
public:
    Impl(boost::asio::io_context& loop, const Config& config, Gateway& gateway, HostKeys& hosts)
        : deadlines_(loop),
          handler_(gateway),
          connections_(config.limits.connectionsPerPeer, config.limits.connectionsTotal),
          requests_({config.limits.requestsPerSecondPerPeer, config.limits.requestsPerSecond,
                     config.limits.connectionsPerPeer}),
          parts_{handler_, deadlines_, withoutBodies(config.limits), connections_, requests_,
                 bodies_,  hosts},
          listener_(
              listenOnLan(loop, config.interface, config.local.address, config.local.port.value,
                          "metrics_listen"),
              config.local, [](const IpAddress&) { return true; }, parts_) {
        listener_.start();
    }

private:
    Deadlines deadlines_;
    MetricsHandler handler_;
    ConnectionQuota connections_;
    FairLimit requests_;
    HostQuota bodies_{1, 1};
    const HttpParts parts_;
    HttpListener listener_;
};

MetricsServer::MetricsServer(boost::asio::io_context& loop, const Config& config, Gateway& gateway,
                             HostKeys& hosts)
    : impl_(std::make_unique<Impl>(loop, config, gateway, hosts)) {}

MetricsServer::~MetricsServer() = default;

}  // namespace igd
