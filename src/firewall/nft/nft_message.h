// SPDX-License-Identifier: GPL-2.0-or-later
// Netlink messages about elements of nftables' maps and sets (linux/netfilter/nf_tables.h), and the
// kernel's words about one of them. Pure: nothing is sent here.
#pragma once

#include "nft/nft_elements.h"
#include "nft/nft_writer.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace igd::firewall {

/// An element that is there already with another value is an error (EEXIST).
[[nodiscard]] NftMessage addMessage(const NftElement& element);
/// It is an error when the element is not there (ENOENT).
[[nodiscard]] NftMessage removeMessage(const NftElement& element);
/// Removes all elements.
[[nodiscard]] NftMessage clearMessage(const NftSet& set);
/// Asks for the element, its counter and its end. Not for a batch.
[[nodiscard]] NftMessage questionMessage(const NftElement& element);

/// A table without anything in it, and its end; no error when it is there already, or not.
[[nodiscard]] NftMessage addTableMessage(std::string_view table);
[[nodiscard]] NftMessage removeTableMessage(std::string_view table);
/// A set of ports in that table, with timeouts.
[[nodiscard]] NftMessage addPortSetMessage(const NftSet& set);

/// The frame of a batch.
[[nodiscard]] NftMessage beginMessage();
[[nodiscard]] NftMessage endMessage();

/// Returns the key as the kernel has it; of a set of intervals, the last key behind the first.
[[nodiscard]] std::vector<std::uint8_t> keyOctets(const NftElement& element);

/// Returns the packets of the counter in the kernel's answer to a question; nullopt: it has none.
[[nodiscard]] std::optional<std::uint64_t> packetsIn(std::span<const std::uint8_t> answer);
/// Returns the time until the element's end in that answer; nullopt: it has none.
[[nodiscard]] std::optional<std::chrono::milliseconds> timeLeftIn(
    std::span<const std::uint8_t> answer);

}  // namespace igd::firewall
