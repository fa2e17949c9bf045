// SPDX-License-Identifier: GPL-2.0-or-later
// So many a second from each host, and from all together; what it remembers is bounded by the latter. Pure.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <map>

namespace igd {

class RateLimit {
public:
    RateLimit(std::size_t perPeer, std::size_t total) : perPeer_(perPeer), total_(total) {}

    /// Counts one of `peer`; false: one too many for this second.
    [[nodiscard]] bool admits(const IpAddress& peer, TimePoint now) {
        if (now - begin_ >= Seconds{1}) {
            begin_ = now;
            ofPeer_.clear();
            all_ = 0;
        }
        if (all_ >= total_) return false;
        std::size_t& count = ofPeer_[peer];
        if (count >= perPeer_) return false;
        ++count;
        ++all_;
        return true;
    }

private:
    std::size_t perPeer_;
    std::size_t total_;
    TimePoint begin_{};
    std::size_t all_ = 0;
    std::map<IpAddress, std::size_t> ofPeer_;
};

}  // namespace igd
