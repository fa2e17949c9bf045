// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine tells a front end at its start, and its form on the channel.
#pragma once

#include "upnpd/portcontrol/port_control_server.h"
#include "upnpd/upnp/lan_server.h"
#include "upnpd/util/log.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd {

struct FrontEndSetup {
    log::Target logTarget = log::Target::StandardError;
    int debugMode = 2;
    bool upnp = true;  ///< whether `server` is to run
    LanServerConfig server;
    PortControlConfig portControl;
    pcp::GatewayState state;
};

[[nodiscard]] std::string encode(const FrontEndSetup& setup);
/// nullopt when it was not written by encode() of the same version.
[[nodiscard]] std::optional<FrontEndSetup> decodeFrontEndSetup(std::string_view text);

}  // namespace igd
