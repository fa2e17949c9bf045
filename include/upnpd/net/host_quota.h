// SPDX-License-Identifier: GPL-2.0-or-later
// How much of something each host holds, and all of them together: connections, subscriptions,
// bytes, answers that wait. A part of the total is kept for hosts that hold none. Example: 128 in
// all, 16 for each host, and a quarter is kept. Six hosts hold 96 of them and get no more; 32
// further hosts get one each.
#pragma once

#include "upnpd/net/host_key.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace igd {

class HostQuota {
    struct Counts {
        std::map<HostKey, std::size_t> ofHost;
        std::size_t total = 0;
    };

public:
    /// A quarter is kept.
    HostQuota(std::size_t perHost, std::size_t total) : HostQuota(perHost, total, total / 4) {}
    HostQuota(std::size_t perHost, std::size_t total, std::size_t kept)
        : perHost_(perHost), total_(total), common_(total - kept) {}

    /// Stands for what was taken, for as long as it lives; it may outlive the quota.
    class Ticket {
    public:
        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket() {
            if (!counts_) return;
            counts_->total -= amount_;
            const auto entry = counts_->ofHost.find(host_);
            entry->second -= amount_;
            if (entry->second == 0) counts_->ofHost.erase(entry);
        }

    private:
        friend HostQuota;
        Ticket(std::shared_ptr<Counts> counts, const HostKey& host, std::size_t amount)
            : counts_(std::move(counts)), host_(host), amount_(amount) {}
        std::shared_ptr<Counts> counts_;
        HostKey host_;
        std::size_t amount_;
    };

    /// Returns nullopt when `host` would hold more than it may, or all together would. `amount` is
    /// at least 1.
    [[nodiscard]] std::optional<Ticket> take(const HostKey& host, std::size_t amount = 1) {
        const std::size_t has = of(host);
        const std::size_t limit = has == 0 ? total_ : common_;
        if (has + amount > perHost_ || counts_->total + amount > limit) return std::nullopt;
        counts_->ofHost[host] += amount;
        counts_->total += amount;
        return Ticket{counts_, host, amount};
    }

    /// Returns how many `host` holds.
    [[nodiscard]] std::size_t of(const HostKey& host) const {
        const auto found = counts_->ofHost.find(host);
        return found == counts_->ofHost.end() ? 0 : found->second;
    }

private:
    std::size_t perHost_;
    std::size_t total_;
    std::size_t common_;
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace igd
