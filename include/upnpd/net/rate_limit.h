// SPDX-License-Identifier: GPL-2.0-or-later
// A RateLimit allows so many requests a second from each host, and from all hosts together. While
// hosts ask for more than all may have, each gets its share, so that one with many addresses does
// not take what the others need. Example: 10 a second for each and 100 for all. Host A sends 1,000
// from one address: 10 are admitted. Then it sends them from 20 addresses: in the first second it
// takes all 100, and the next second is shared. With B there are 21 addresses, so each gets 100 /
// 21 = 4, and B's 4 are admitted. With 400 addresses the share would be below 1; then about 88 of
// them are drawn anew each second, one request each. The class is pure, and its memory is bounded.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace igd {

class RateLimit {
public:
    /// So many addresses are remembered for a second; a further one gets nothing in it.
    static constexpr std::size_t kHosts = 1024;

    RateLimit(std::size_t perPeer, std::size_t total)
        : perPeer_(perPeer), total_(total), share_(perPeer) {}

    /// Counts a request of `peer`. Returns false when it is one too many for this second. `now`
    /// must not go backwards.
    [[nodiscard]] bool admits(const IpAddress& peer, TimePoint now) {
        if (now - begin_ >= Seconds{1}) turn(now);
        if (ofPeer_.size() >= kHosts && !ofPeer_.contains(peer)) return false;
        std::size_t& count = ofPeer_[peer];
        if (count >= perPeer_) return false;
        ++count;
        ++asked_;
        if (count > share_ || all_ >= total_ || !drawn(peer)) return false;
        ++all_;
        return true;
    }

private:
    /// Begins a new second. It is shared among the addresses that asked in the last one, if the
    /// total was too small for them.
    void turn(TimePoint now) {
        const bool tooShort = asked_ > total_ && now - begin_ < Seconds{2};
        hosts_ = tooShort ? ofPeer_.size() : 0;
        share_ = tooShort ? std::clamp<std::size_t>(total_ / hosts_, 1, perPeer_) : perPeer_;
        begin_ = now;
        ofPeer_.clear();
        all_ = asked_ = 0;
        ++seconds_;
    }

    /// Draws the addresses that may ask, when there are more than the total: others every second,
    /// and an eighth fewer than the total, so that chance does not use it up before the last has
    /// asked.
    [[nodiscard]] bool drawn(const IpAddress& peer) const {
        if (hosts_ <= total_) return true;
        std::uint64_t hash = seconds_;
        const auto mix = [&hash](std::uint64_t value) {
            hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
            hash ^= hash >> 32;
        };
        if (const auto* const four = std::get_if<Ipv4Address>(&peer))
            mix(four->value());
        else
            for (const std::uint8_t byte : std::get<Ipv6Address>(peer).bytes()) mix(byte);
        return hash % hosts_ < total_ - total_ / 8;
    }

    std::size_t perPeer_;
    std::size_t total_;
    std::size_t share_;
    TimePoint begin_{};
    std::uint64_t seconds_ = 0;
    std::size_t hosts_ = 0;  ///< 0: the total is enough for all
    std::size_t asked_ = 0;  ///< requests, each address's up to its own limit
    std::size_t all_ = 0;
    std::map<IpAddress, std::size_t> ofPeer_;
};

}  // namespace igd
