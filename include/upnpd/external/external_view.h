// SPDX-License-Identifier: GPL-2.0-or-later
// This is the external side in one line for people: for the log and for upnpctl(8).
#pragma once

#include "upnpd/net/address.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Stands for the interface that external_interface = auto has not found yet.
constexpr std::string_view kNoInterfaceYet = "auto";

struct ExternalView {
    std::string interface;
    bool exists = true;
    bool up = false;
    std::optional<Ipv4Address> address;  ///< the interface's own
    std::optional<Ipv4Address> told;     ///< what clients are told; nullopt: the same
    std::string toldFrom;                ///< "configured", or the STUN server
    std::string remark;                  ///< why it is not another one; empty: nothing to be said
};

/// Returns "ppp0 80.100.100.1 (public)", "ppp0 (no address)", "wan0 100.71.3.4 (carrier NAT), told
/// to clients: 80.1.2.3 (stun.example:3478)".
[[nodiscard]] std::string describe(const ExternalView& view);

}  // namespace igd
