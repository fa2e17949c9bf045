// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_trial.h"

namespace igd::firewall {
namespace {

constexpr NftSet kSet{"inet upnpd_trial", "renewed"};
constexpr Seconds kTimeout{200};
constexpr Seconds kHalf{100};

NftElement endsAfter(Seconds time) {
    return {.set = kSet, .key = {Port{1}}, .timeout = kTimeout, .expires = time};
}

bool lay(NftSocket& nft) {
    NftBatch batch;
    batch.put(addTableMessage(kSet.table));
    batch.put(removeTableMessage(kSet.table));
    batch.put(addTableMessage(kSet.table));
    batch.put(addPortSetMessage(kSet));
    batch.put(addMessage(endsAfter(kHalf)));
    return !nft.commit(batch);
}

bool renew(NftSocket& nft) {
    NftBatch batch;
    batch.put(addMessage(endsAfter(kTimeout)));
    return !nft.commit(batch);
}

bool remove(NftSocket& nft) {
    NftBatch batch;
    batch.put(removeTableMessage(kSet.table));
    return !nft.commit(batch);
}

}  // namespace

bool renewsInPlace(NftSocket& nft) {
    if (!lay(nft)) return false;
    const bool renewed = renew(nft);
    const auto element = nft.ask(endsAfter(kTimeout));
    const bool removed = remove(nft);
    const auto left = element ? timeLeftIn(*element) : std::nullopt;
    return renewed && removed && left && *left > kHalf;
}

}  // namespace igd::firewall
