// SPDX-License-Identifier: GPL-2.0-or-later
// So many a second from each host, and from all together. While more is asked for than all may
// have, each host has its share, so that one with many addresses does not take what the others
// need. Pure; what it remembers is bounded.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace igd {

class RateLimit {
public:
    /// Addresses that are remembered for a second; a further one has nothing in it.
    static constexpr std::size_t kHosts = 1024;

    RateLimit(std::size_t perPeer, std::size_t total)
        : perPeer_(perPeer), total_(total), share_(perPeer) {}

    /// Counts one of `peer`; false: one too many for this second. `now` must not go backwards.
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
    /// The next second is shared among those who asked in the last one, if it was too short for
    /// them.
    void turn(TimePoint now) {
        const bool tooShort = asked_ > total_ && now - begin_ < Seconds{2};
        hosts_ = tooShort ? ofPeer_.size() : 0;
        share_ = tooShort ? std::clamp<std::size_t>(total_ / hosts_, 1, perPeer_) : perPeer_;
        begin_ = now;
        ofPeer_.clear();
        all_ = asked_ = 0;
        ++seconds_;
    }

    /// Where there are more hosts than the total, others of them every second: fewer than it by an
    /// eighth, so that chance does not use it up before the last has asked.
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
    std::size_t hosts_ = 0;  ///< 0: enough for all
    std::size_t asked_ = 0;  ///< of each host as many as it may at most
    std::size_t all_ = 0;
    std::map<IpAddress, std::size_t> ofPeer_;
};

}  // namespace igd
