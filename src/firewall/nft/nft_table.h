// SPDX-License-Identifier: GPL-2.0-or-later
// Our own nftables tables, `inet upnpd` for mappings and `ip6 upnpd` for pinholes, without the
// elements of their maps and sets: pure text.
#pragma once

#include "upnpd/net/address.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"
#include "upnpd/portmap/open_nat.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd::firewall {

struct TableShape {
    InterfaceName external;
    std::vector<InterfaceName>
        hairpinFor;  ///< internal interfaces whose hosts reach the external address
    std::vector<Ipv4Address> externalAddresses;  ///< where they reach it; none: nowhere at present
    /// With it the chain on the forward hook has that priority and marks the packets of live
    /// mappings; without it they are only counted there.
    std::optional<int> markPriority;
    std::uint32_t markBits = 0;  ///< all set on those packets (FirewallConfig::markBits)
    std::vector<OpenNat> openNat{};
    std::vector<UplinkSide> uplinks{};  ///< Sides::uplinks
    std::vector<InterfaceName> internal{};
};

struct PinholeShape {
    InterfaceName external;
    int markPriority = 0;        ///< of the chain on the forward hook
    std::uint32_t markBits = 0;  ///< all set on the packets of pinholes
    std::vector<UplinkSide> uplinks{};
};

/// Returns what nft compares the name of an external interface with: "wan0" in quotes, or a set.
[[nodiscard]] std::string outsideText(const InterfaceName& external,
                                      std::span<const UplinkSide> uplinks);

/// Deletes the table of mappings if it is there and lays it anew, empty, all in one transaction.
[[nodiscard]] std::string tableScript(const TableShape& shape);

/// Does that with the table of pinholes. Its chain on the forward hook marks the packets of
/// pinholes, both ways through the external interface.
[[nodiscard]] std::string pinholeTableScript(const PinholeShape& shape);

/// Deletes a table of ours ("inet upnpd"); no error when it is not there.
[[nodiscard]] std::string deleteTableScript(std::string_view table);

/// The external addresses are now those.
[[nodiscard]] std::string externalAddressScript(std::span<const Ipv4Address> addresses);

}  // namespace igd::firewall
