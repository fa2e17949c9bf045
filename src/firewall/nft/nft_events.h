// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's announcements of changes of nftables (multicast group NFNLGRP_NFTABLES), and which
// of them matter to us.
#pragma once

#include "nft/nft_interest.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

struct nl_msg;
struct nl_sock;

namespace igd::firewall {

/// A netlink socket that hears of the changes by others: the kernel's filter of packets keeps those
/// away that sockets of this process have asked for. One thread.
class NftEvents {
public:
    /// Throws std::system_error when the kernel has no such group or the right is missing
    /// (CAP_NET_ADMIN).
    NftEvents();

    /// Readable when there is something to drain. Belongs to this object.
    [[nodiscard]] int descriptor() const;

    /// Has changes count that concern one of `places`, or a table or base chain; see NftInterest.
    void watch(inspect::NftPlaces places);

    /// Everything that has come. Changes by this process count as none. When messages were lost,
    /// the rules may have changed.
    [[nodiscard]] Announced drain();

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    static int taken(nl_msg* message, void* self) noexcept;

    std::unique_ptr<nl_sock, Free> socket_;
    std::set<std::uint32_t> ownPorts_;
    std::set<std::string> tables_;  ///< those whose elements count
    NftInterest interest_;
    Announced drained_ = Announced::Nothing;
};

}  // namespace igd::firewall
