// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of nftables that the kernel takes as one transaction: messages in the frame of a batch,
// to be sent at once.
#pragma once

#include "nft/nft_message.h"

#include <cstdint>
#include <span>
#include <vector>

namespace igd::firewall {

class NftBatch {
public:
    NftBatch();

    /// Messages have the sequence numbers 1, 2, 3 ... in the order of the calls.
    void put(const NftMessage& message);

    [[nodiscard]] bool empty() const { return count_ == 0; }
    /// Returns the sequence number of the last message. It alone asks for an acknowledgement:
    /// kernels before Linux 6.10 do not acknowledge the end of a batch.
    [[nodiscard]] std::uint32_t last() const { return count_; }
    /// Returns the whole, which is closed with it: nothing can be put to it any more.
    [[nodiscard]] std::span<const std::uint8_t> close();

private:
    void append(const NftMessage& message, std::uint32_t sequence);

    std::vector<std::uint8_t> octets_;
    std::size_t lastAt_ = 0;  ///< where the last message begins
    std::uint32_t count_ = 0;
    bool closed_ = false;
};

/// The kernel ends elements by itself. OfPresent: the removal of such a one is an error. OfAny: it
/// is none, because the element is added first; that costs as much again.
enum class Removal : bool { OfPresent, OfAny };
/// Returns the batch that carries out `steps`.
[[nodiscard]] NftBatch batchOf(const ElementSteps& steps, Removal removal);

}  // namespace igd::firewall
