// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's announcements of changes of nftables (multicast group NFNLGRP_NFTABLES), and which
// of them matter to us.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

struct nl_msg;
struct nl_sock;

namespace igd::firewall {

enum class Change : std::uint8_t {
    None,         ///< of no consequence: elements of sets of others
    Rules,        ///< tables, chains or rules: ours may be gone, another chain may drop now
    OurElements,  ///< elements of our own maps and sets: mappings
};

/// `message` is the lower octet of nlmsg_type (NFT_MSG_...), `table` the table that it names.
[[nodiscard]] Change changeOf(int message, std::string_view table);

/// A netlink socket that hears of the changes by others: the kernel's filter of packets keeps those
/// away that sockets of this process have asked for. One thread.
class NftEvents {
public:
    /// Throws std::system_error when the kernel has no such group or the right is missing
    /// (CAP_NET_ADMIN).
    NftEvents();

    /// Readable when there is something to drain. Belongs to this object.
    [[nodiscard]] int descriptor() const;

    /// Everything that has come. When messages were lost, anything may have changed: OurElements.
    [[nodiscard]] Change drain();

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    static int taken(nl_msg* message, void* self) noexcept;

    std::unique_ptr<nl_sock, Free> socket_;
    Change drained_ = Change::None;
};

}  // namespace igd::firewall
