// SPDX-License-Identifier: GPL-2.0-or-later
// The doors to the kernel that a back end for pinholes keeps open from start to end.
#pragma once

#include "iptables/legacy_tables.h"
#include "nft/nft_context.h"

namespace igd::firewall {

struct PinholeKernel {
    NftContext nft;
    LegacyTables6 legacy;
};

}  // namespace igd::firewall
