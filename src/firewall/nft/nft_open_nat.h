// SPDX-License-Identifier: GPL-2.0-or-later
// Open NAT in our nftables table: pure text.
#pragma once

#include "nft/nft_table.h"

#include <string>
#include <string_view>

namespace igd::firewall {

/// The map with the ports that are held: external port to client and its port.
constexpr std::string_view kOpenMap = "open4";

/// Returns what is added to the table that tableScript() lays, for shape.openNat; an empty text
/// when that has no port for anybody.
[[nodiscard]] std::string openNatScript(const TableShape& shape);

}  // namespace igd::firewall
