// SPDX-License-Identifier: GPL-2.0-or-later
// The doors to the kernel that the firewall keeps open from start to end.
#pragma once

#include "conntrack/flow_ender.h"
#include "iptables/legacy_iptables.h"
#include "nft/nft_context.h"
#include "nft/nft_socket.h"
#include "nft/nft_trial.h"

#include <memory>
#include <optional>

namespace igd::firewall {

struct Kernel {
    NftContext nft;
    NftSocket elements;
    std::unique_ptr<LegacyIptables> legacy = openLegacyIptables();
    std::unique_ptr<LegacyIptables> legacy6 = openLegacyIptables6();
    FlowEnder flowEnder;

    /// Returns whether nftables takes a new end for an element that is there; tried once.
    [[nodiscard]] bool renewsInPlace() {
        if (!renewsInPlace_) renewsInPlace_ = firewall::renewsInPlace(elements);
        return *renewsInPlace_;
    }

private:
    std::optional<bool> renewsInPlace_;
};

}  // namespace igd::firewall
