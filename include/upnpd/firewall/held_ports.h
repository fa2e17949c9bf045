// SPDX-License-Identifier: GPL-2.0-or-later
// The external ports that hosts with open NAT hold just now, as the kernel has learnt them.
#pragma once

#include "upnpd/net/address.h"
#include "upnpd/net/port.h"

#include <cstddef>
#include <span>
#include <vector>

namespace igd {

/// A UDP port and where packets to it go.
struct HeldPort {
    Port external;
    Ipv4Address client;
    Port internal;
    auto operator<=>(const HeldPort&) const = default;
};

/// Reads them from the kernel, by external port. None where no NAT is open, and where the kernel
/// does not answer. Needs CAP_NET_ADMIN.
[[nodiscard]] std::vector<HeldPort> heldPorts();

/// Returns those in one message of the kernel's about elements of nftables, behind its netlink
/// header.
[[nodiscard]] std::vector<HeldPort> heldPortsIn(std::span<const std::byte> message);

}  // namespace igd
