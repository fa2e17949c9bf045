// SPDX-License-Identifier: GPL-2.0-or-later
// How much of something each LAN host has, and all of them together. Of the loop thread.
#pragma once

#include "upnpd/net/ip_address.h"

#include <map>
#include <memory>
#include <optional>

namespace igd::upnp {

class PeerQuota {
    struct Counts {
        std::map<IpAddress, std::size_t> ofPeer;
        std::size_t total = 0;
    };

public:
    PeerQuota(std::size_t perPeer, std::size_t total) : perPeer_(perPeer), total_(total) {}

    /// One of them, for as long as the ticket lives; it may outlive the quota.
    class Ticket {
    public:
        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket() {
            if (!counts_) return;
            --counts_->total;
            const auto entry = counts_->ofPeer.find(peer_);
            if (--entry->second == 0) counts_->ofPeer.erase(entry);
        }

    private:
        friend PeerQuota;
        Ticket(std::shared_ptr<Counts> counts, const IpAddress& peer)
            : counts_(std::move(counts)), peer_(peer) {}
        std::shared_ptr<Counts> counts_;
        IpAddress peer_;
    };

    /// nullopt: `peer`, or all together, have as many as they may.
    [[nodiscard]] std::optional<Ticket> take(const IpAddress& peer) {
        if (of(peer) >= perPeer_ || counts_->total >= total_) return std::nullopt;
        ++counts_->ofPeer[peer];
        ++counts_->total;
        return Ticket{counts_, peer};
    }

    /// How many `peer` has.
    [[nodiscard]] std::size_t of(const IpAddress& peer) const {
        const auto found = counts_->ofPeer.find(peer);
        return found == counts_->ofPeer.end() ? 0 : found->second;
    }

private:
    std::size_t perPeer_;
    std::size_t total_;
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace igd::upnp
