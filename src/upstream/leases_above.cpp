// SPDX-License-Identifier: GPL-2.0-or-later
#include "leases_above.h"

#include "upnpd/portmap/port_control.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace igd::above {
namespace {

/// So many questions are on their way at once: after its restart a gateway is not flooded.
constexpr unsigned kMostAsked = 32;
constexpr Seconds kShortestPause{4};  // RFC 6887 section 11.2.1
constexpr Seconds kLongestLease{86400};
constexpr std::chrono::milliseconds kOnceMore{100};

}  // namespace

void LeasesAbove::use(Way* way) {
    way_ = way;
    if (way_ != nullptr) renewAll();
}

void LeasesAbove::renewAll() {
    for (auto& [key, lease] : leases_) lease.next = Clock::now();
    work();
}

/// A client waits for it: it does not wait for those that are renewed.
void LeasesAbove::hold(const MappingKey& key, bool exactly) {
    const auto [found, isNew] = leases_.try_emplace(key);
    found->second.ended = false;
    found->second.exactly = found->second.exactly || exactly;
    if (!isNew && found->second.isAsked) return;
    if (way_ == nullptr) return denied(found, {NotHeld::Why::Silence, "it is not found"});
    ask(key, found->second);
}

void LeasesAbove::release(const MappingKey& key) {
    const auto found = leases_.find(key);
    if (found == leases_.end()) return;
    if (found->second.isAsked) {
        found->second.ended = true;
        return;
    }
    const bool isHeld = found->second.isHeld;
    leases_.erase(found);
    if (isHeld) giveBack(key);
}

void LeasesAbove::giveBack(const MappingKey& key) {
    if (way_ == nullptr) return;
    ++releasing_;
    way_->release(key, [this] {
        --releasing_;
        finishIfDone();
    });
}

void LeasesAbove::releaseAll(std::function<void()> done) {
    timer_.cancel();
    for (const auto& [key, lease] : std::exchange(leases_, {}))
        if (lease.isHeld || lease.isAsked) giveBack(key);
    done_ = std::move(done);
    finishIfDone();
}

void LeasesAbove::finishIfDone() {
    if (done_ && releasing_ == 0) std::exchange(done_, {})();
}

void LeasesAbove::work() {
    const TimePoint now = Clock::now();
    for (auto& [key, lease] : leases_) {
        if (way_ == nullptr || asking_ >= kMostAsked) break;
        if (!lease.isAsked && lease.next <= now) ask(key, lease);
    }
    plan();
}

void LeasesAbove::plan() {
    timer_.cancel();
    TimePoint next = TimePoint::max();
    for (const auto& [key, lease] : leases_)
        if (!lease.isAsked) next = std::min(next, lease.next);
    // An answer goes on with what waits for room.
    if (way_ == nullptr || next == TimePoint::max() || asking_ >= kMostAsked || done_) return;
    timer_.expires_at(next);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) work();
    });
}

void LeasesAbove::ask(const MappingKey& key, Lease& lease) {
    lease.isAsked = true;
    ++asking_;
    way_->ask(key, lease.exactly || lease.isHeld,
              [this, key](const WayAnswer& answer) { answered(key, answer); });
}

void LeasesAbove::answered(const MappingKey& key, const WayAnswer& answer) {
    --asking_;
    const auto found = leases_.find(key);
    if (found == leases_.end()) return;  // all are given back
    found->second.isAsked = false;
    if (found->second.ended) {
        leases_.erase(found);
        giveBack(key);
    } else if (answer) {
        granted(found, *answer);
    } else {
        denied(found, answer.error());
    }
    work();
}

/// NAT-PMP has no word for "that one or none". Where a gateway has lost all and gives the next free
/// port in place of one, that may be another one of ours: it is given back by now.
bool LeasesAbove::isAskedOnceMore(Leases::value_type& lease) {
    auto& [key, state] = lease;
    if ((!state.exactly && !state.isHeld) || std::exchange(state.isMoved, true)) return false;
    constexpr unsigned kSteps = 16;  // neighbours do not meet again
    state.next = Clock::now() + kOnceMore + kOnceMore * (key.externalPort.value % kSteps);
    return true;
}

/// Both NATs have to use one port number, so another one is given back. Whoever can do with that
/// asks for it.
void LeasesAbove::granted(Leases::iterator lease, const Grant& grant) {
    const MappingKey key = lease->first;
    const Seconds length = std::min(grant.lease, kLongestLease);
    if (grant.external != key.externalPort) {
        giveBack(key);
        if (isAskedOnceMore(*lease)) return;
        leases_.erase(lease);
    } else {
        const TimePoint now = Clock::now();
        lease->second.isHeld = true;
        lease->second.isMoved = false;
        lease->second.end = now + length;
        lease->second.next = now + std::max<Clock::duration>(length / 2, Seconds{1});
    }
    handlers_.tell(Held{key.protocol, key.externalPort, grant.external, length});
}

/// While the gateway is silent the lease stays, and is asked for again: it may be back soon.
void LeasesAbove::denied(Leases::iterator lease, const Denial& denial) {
    const MappingKey key = lease->first;
    const bool isSilent = denial.why == NotHeld::Why::Silence;
    if (isSilent && lease->second.isHeld) {
        const TimePoint now = Clock::now();
        const auto left = std::max<Clock::duration>(lease->second.end - now, Seconds{0});
        lease->second.next = now + std::max<Clock::duration>(left / 2, kShortestPause);
    } else {
        leases_.erase(lease);
        handlers_.tell(NotHeld{key.protocol, key.externalPort, denial.why, denial.reason});
    }
    if (isSilent && way_ != nullptr) handlers_.silent();
}

}  // namespace igd::above
