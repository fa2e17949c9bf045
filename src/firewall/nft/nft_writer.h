// SPDX-License-Identifier: GPL-2.0-or-later
// Writes one netlink message of nftables, attribute by attribute. Numbers stand in network order,
// as nftables has them.
#pragma once

#include "nl_message.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <linux/netfilter/nfnetlink.h>

namespace igd::firewall {

/// One whole message; its sequence number is 0.
using NftMessage = std::vector<std::uint8_t>;

/// Returns the message type of NFT_MSG_*.
constexpr int kindOf(int message) {
    return NFNL_SUBSYS_NFTABLES << 8 | message;
}

class NftWriter {
public:
    /// `kind` is a message type, `flags` are NLM_F_* beside NLM_F_REQUEST, `family` is NFPROTO_*.
    /// Throws std::bad_alloc.
    NftWriter(int kind, int flags, std::uint8_t family, std::uint16_t resource = 0);

    NftWriter& text(int type, std::string_view value);
    NftWriter& octets(int type, std::span<const std::uint8_t> value);
    NftWriter& u32(int type, std::uint32_t value);
    NftWriter& u64(int type, std::uint64_t value);
    /// A comment in the form in which nft keeps it, with the type 0 for rules and elements alike.
    NftWriter& comment(int type, std::string_view text);
    /// Attributes that `content` writes stand inside of this one.
    template <class Content>
    NftWriter& nest(int type, Content content) {
        nlattr* const nested = begin(type);
        content();
        end(nested);
        return *this;
    }
    [[nodiscard]] NftMessage take() const;

private:
    [[nodiscard]] nlattr* begin(int type);
    void end(nlattr* nested);

    Message message_;
};

}  // namespace igd::firewall
