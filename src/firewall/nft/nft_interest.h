// SPDX-License-Identifier: GPL-2.0-or-later
// The changes of nftables that matter to us. Pure.
#pragma once

#include "upnpd/inspect/nft_decoder.h"
#include "upnpd/portmap/firewall_health.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igd::firewall {

/// The names in the kernel's announcement of a change.
struct NftNews {
    int message = 0;  ///< the lower octet of nlmsg_type: NFT_MSG_...
    std::uint8_t family = 0;
    std::string_view table;
    std::string_view name;  ///< of the chain or set
    bool base = false;      ///< the chain has a hook
};

class NftInterest {
public:
    explicit NftInterest(std::string_view ownTable) : ownTable_(ownTable) {}

    /// From now on changes of `places` count, and of base chains and tables. Before the first call,
    /// and where no chain was read, each change of rules does.
    void watch(inspect::NftPlaces places) {
        places_.reset();
        if (!places.chains.empty()) places_ = std::move(places);
    }

    [[nodiscard]] Announced announcedBy(const NftNews& news) const;

private:
    [[nodiscard]] bool concernsRules(const NftNews& news) const;

    std::string ownTable_;
    std::optional<inspect::NftPlaces> places_;
};

}  // namespace igd::firewall
