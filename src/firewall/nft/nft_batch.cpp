// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_batch.h"

#include <cstring>

#include <linux/netlink.h>

namespace igd::firewall {
namespace {

constexpr std::size_t kRoomOfAMapping = 512;

}  // namespace

NftBatch::NftBatch() {
    octets_.reserve(kRoomOfAMapping);
    append(beginMessage(), 0);
}

void NftBatch::put(const NftMessage& message) {
    lastAt_ = octets_.size();
    append(message, ++count_);
}

void NftBatch::append(const NftMessage& message, std::uint32_t sequence) {
    const std::size_t at = octets_.size();
    octets_.insert(octets_.end(), message.begin(), message.end());
    std::memcpy(octets_.data() + at + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof sequence);
    octets_.resize(NLMSG_ALIGN(octets_.size()));
}

std::span<const std::uint8_t> NftBatch::close() {
    if (closed_) return octets_;
    closed_ = true;
    if (!empty()) {
        std::uint16_t flags = 0;
        std::uint8_t* const at = octets_.data() + lastAt_ + offsetof(nlmsghdr, nlmsg_flags);
        std::memcpy(&flags, at, sizeof flags);
        flags |= NLM_F_ACK;
        std::memcpy(at, &flags, sizeof flags);
    }
    append(endMessage(), count_ + 1);
    return octets_;
}

NftBatch batchOf(const ElementSteps& steps, Removal removal) {
    NftBatch batch;
    for (const NftElement& element : steps.remove) {
        if (removal == Removal::OfAny) batch.put(addMessage(element));
        batch.put(removeMessage(element));
    }
    for (const NftElement& element : steps.add) batch.put(addMessage(element));
    return batch;
}

}  // namespace igd::firewall
