// SPDX-License-Identifier: GPL-2.0-or-later
// The keys `upstream` and `upstream_gateway` of upnpd.conf(5).
#pragma once

#include "upnpd/net/address.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace igd {

/// How the gateway above is asked; Auto tries the three in the order in which they stand here.
enum class Upstream : std::uint8_t { Off, Auto, Pcp, NatPmp, Upnp };

/// Returns the word of upnpd.conf(5): "nat-pmp".
[[nodiscard]] std::string_view name(Upstream upstream);

struct UpstreamSetting {
    Upstream by = Upstream::Off;
    std::optional<Ipv4Address> gateway{};  ///< nullopt: the one of the default route
    bool operator==(const UpstreamSetting&) const = default;
};

}  // namespace igd
