// SPDX-License-Identifier: GPL-2.0-or-later
// The doors to the kernel that a back end keeps open from start to end.
#pragma once

#include "conntrack/flow_ender.h"
#include "iptables/legacy_tables.h"
#include "nft/nft_context.h"

namespace igd::firewall {

struct Kernel {
    NftContext nft;
    LegacyTables legacy;
    FlowEnder flows;
};

}  // namespace igd::firewall
