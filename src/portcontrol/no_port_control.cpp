// SPDX-License-Identifier: GPL-2.0-or-later
// Built where NAT-PMP and PCP are left out: nobody listens.
#include "upnpd/portcontrol/port_control_server.h"

namespace igd {

class PortControlServer::Impl {};

PortControlServer::PortControlServer(boost::asio::io_context& /*loop*/, Lan /*lan*/,
                                     PortControlConfig /*config*/, Gateway& /*gateway*/,
                                     HostKeys& /*hosts*/, Retries& /*retries*/,
                                     const pcp::GatewayState& /*state*/) {}

PortControlServer::~PortControlServer() = default;

void PortControlServer::addressesChanged(const Lan& /*lan*/) {}

void PortControlServer::stateChanged(const pcp::GatewayState& /*state*/) {}

}  // namespace igd
