// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's leases: on disk, at their end, and what becomes of them at a start.
#include "engine.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace igd {
namespace {

constexpr Seconds kLeaseRetry{5};
constexpr Seconds kRetry{1};

}  // namespace

void Engine::restoreLeases() {
    const Now now = Now::sample();
    std::vector<Mapping> restored = configuration_.staticMappings;  // first: they win
    Leases leases;
    if (configuration_.leaseFile) {
        leases_.emplace(
            *configuration_.leaseFile, [this] { return leased(); }, [this] { retryLeases(); });
        leases = leases_->load(
            now, std::max(configuration_.policy.maxLease, configuration_.policy.pcpMaxLease));
        std::ranges::move(leases.mappings, std::back_inserter(restored));
    }
    if (pinholes_ && !pinholes_->start(leases.ipv6Mappings, leases.pinholes))
        throw std::runtime_error(
            "the firewall does not take the rules for IPv6 pinholes (its reason is in the log; "
            "ipv6_pinholes = no does without)");
    if (!mapper_.restore(restored, now.monotonic))
        throw std::runtime_error("the firewall does not take our rules (its reason is in the log)");
    rulesLaid_ = true;
    if (leases_) leases_->open(now);
    // The configuration may be another one than that under which they were made.
    (void)mapper_.changePolicy(policy(), configuration_.staticMappings, lans(), now.monotonic);
    if (pinholes_) (void)pinholes_->changePolicy(policy(), lans());
    if (const auto count = leased().size(); count != 0)
        log::notice("portmap: {} mapping(s) of an earlier run restored", count);
    armExpiry();
}

/// What clients have made: the administrator's own stand in the configuration, not in the lease
/// file.
Leases Engine::leased() const {
    auto mappings = mapper_.all();
    std::erase_if(mappings,
                  [](const Mapping& mapping) { return mapping.origin == Origin::Static; });
    if (!pinholes_) return {std::move(mappings), {}, {}};
    return {std::move(mappings), pinholes_->mapped(), pinholes_->all()};
}

void Engine::retryLeases() {
    leaseRetry_.expires_after(kLeaseRetry);
    leaseRetry_.async_wait([this](boost::system::error_code error) {
        if (!error && !leases_->retry(Now::sample())) retryLeases();
    });
}

void Engine::mappingStored(const Mapping& mapping) {
    if (leases_ && mapping.origin != Origin::Static) leases_->stored(mapping, Now::sample());
    armExpiry();
    planBroadcast();
}

void Engine::mappingEnded(const Mapping& mapping) {
    if (leases_ && mapping.origin != Origin::Static) leases_->ended(mapping.key, Now::sample());
    armExpiry();
    planBroadcast();
}

void Engine::mappingStored(const Ipv6Mapping& mapping) {
    if (leases_) leases_->stored(mapping, Now::sample());
}

void Engine::mappingEnded(const Ipv6Mapping& mapping) {
    if (leases_) leases_->ended(mapping, Now::sample());
}

void Engine::pinholeStored(const Pinhole& pinhole) {
    if (leases_) leases_->stored(pinhole, Now::sample());
}

void Engine::pinholeEnded(const Pinhole& pinhole) {
    if (leases_) leases_->ended(pinhole, Now::sample());
}

void Engine::armExpiry() {
    const auto next = mapper_.nextExpiry();
    if (next == armedFor_) return;
    armedFor_ = next;
    if (!next) {
        expiry_.cancel();
        return;
    }
    expiry_.expires_at(*next);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error) endLeases();
    });
}

void Engine::endLeases() {
    armedFor_.reset();
    if (mapper_.expire(Clock::now())) return armExpiry();
    // The firewall refused: the mappings stay listed, for they are still there, and it is tried
    // again.
    expiry_.expires_after(kRetry);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error) endLeases();
    });
}

}  // namespace igd
