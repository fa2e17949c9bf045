// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_interest.h"

#include <algorithm>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::firewall {
namespace {

bool contains(const std::vector<inspect::NftPlace>& places, const NftNews& news) {
    return std::ranges::binary_search(
        places, inspect::NftPlace{news.family, std::string{news.table}, std::string{news.name}});
}

/// Packets that the router forwards meet no other.
bool isOnTheWay(std::uint8_t family) {
    return family == NFPROTO_INET || family == NFPROTO_IPV4 || family == NFPROTO_IPV6 ||
           family == NFPROTO_NETDEV;
}

}  // namespace

bool NftInterest::concernsRules(const NftNews& news) const {
    if (!isOnTheWay(news.family)) return false;
    switch (news.message) {
        case NFT_MSG_NEWTABLE:
        case NFT_MSG_DELTABLE:
            return true;
        case NFT_MSG_NEWCHAIN:
        case NFT_MSG_DELCHAIN:
            return news.base || !places_ || contains(places_->chains, news);
        case NFT_MSG_NEWRULE:
        case NFT_MSG_DELRULE:
            return !places_ || contains(places_->chains, news);
        case NFT_MSG_NEWSETELEM:
        case NFT_MSG_DELSETELEM:
            return places_ && contains(places_->sets, news);
        default:
            return false;
    }
}

Announced NftInterest::announcedBy(const NftNews& news) const {
    const bool set = news.message == NFT_MSG_NEWSET || news.message == NFT_MSG_DELSET ||
                     news.message == NFT_MSG_NEWSETELEM || news.message == NFT_MSG_DELSETELEM;
    if (set && isOnTheWay(news.family) && news.table == ownTable_) return Announced::OurElements;
    return concernsRules(news) ? Announced::Rules : Announced::Nothing;
}

}  // namespace igd::firewall
