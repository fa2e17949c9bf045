// SPDX-License-Identifier: GPL-2.0-or-later
// The engine tells a front end at its start what to serve, and an advertiser what to announce; this
// is the form on the channel.
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
    bool upnp = true;    ///< whether `server` is to run
    bool trial = false;  ///< it opens its sockets, tells which it has, and ends
    /// It answers requests for metrics there, under the limits of `server`, and does nothing else.
    std::optional<IpEndpoint> metrics{};
    LanServerConfig server;
    PortControlConfig portControl;
    GatewayStatus status;  ///< at the start
    /// The router is one of a pair, and nobody is answered later than that: see ipc::MayAnswer. No
    /// byebye is said, since the other router serves on.
    std::optional<TimePoint> answersUntil{};
    bool operator==(const FrontEndSetup&) const = default;
};

struct AdvertiserSetup {
    log::Target logTarget = log::Target::StandardError;
    int debugMode = 2;
    Lan lan;  ///< with the link-local addresses of IPv6
    Port httpPort;
    DeviceIdentity identity;
    std::uint32_t bootId{};
    bool byebye = false;  ///< an earlier start of the device is taken back first
    bool operator==(const AdvertiserSetup&) const = default;
};

/// Returns the octets of `setup`; none, which are no setup, when a value in it is not allowed.
[[nodiscard]] std::string encode(const FrontEndSetup& setup);
/// Returns the setup in `text`; nullopt for anything that encode() of the same version would not
/// have written.
[[nodiscard]] std::optional<FrontEndSetup> decodeFrontEndSetup(std::string_view text);

/// They do the same for an advertiser.
[[nodiscard]] std::string encode(const AdvertiserSetup& setup);
[[nodiscard]] std::optional<AdvertiserSetup> decodeAdvertiserSetup(std::string_view text);

}  // namespace igd
