// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/pinholes.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

/// The kernel ends a rule this much later than the table does.
constexpr Seconds kKernelGrace{2};
constexpr Seconds kResting{60};

PinholeRule ruleFor(const Pinhole& pinhole, TimePoint now) {
    return {pinhole.key, secondsUntil(pinhole.expiresAt, now) + kKernelGrace};
}

}  // namespace

std::string toString(const PinholeKey& key) {
    std::string remote = "any";
    if (key.remoteHost) remote = fmt::format("[{}]", toString(*key.remoteHost));
    if (key.remotePort) remote += fmt::format(":{}", key.remotePort->value);
    return fmt::format("{} [{}]:{} from {}", lowerName(key.protocol), toString(key.client),
                       key.internalPort.value, remote);
}

Pinholes::Pinholes(Policy policy, PinholeFirewall& firewall)
    : policy_(std::move(policy)), firewall_(firewall) {}

std::size_t Pinholes::countOf(const Ipv6Address& client) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        pinholes_, [&](const auto& entry) { return entry.second.key.client == client; }));
}

std::optional<PinholeId> Pinholes::freeId(TimePoint now) {
    std::erase_if(ended_, [&](const auto& entry) { return entry.second + kResting <= now; });
    for (unsigned tries = 0; tries <= 0xffff; ++tries)
        if (++lastId_; !pinholes_.contains(lastId_) && !ended_.contains(lastId_)) return lastId_;
    return std::nullopt;
}

Result<PinholeId> Pinholes::request(const PinholeRequest& request, const Lan& lan, TimePoint now) {
    const auto refuse = [&](const Refusal& refusal) {
        log::info("portmap: refused pinhole {} to {}: {}: {}", toString(request.key),
                  toString(request.requester), name(refusal.error), refusal.reason);
        return fail(refusal.error);
    };
    if (const auto refused = policy_.refuses(request, lan)) return refuse(*refused);
    const auto present =
        std::ranges::find_if(pinholes_, [&](const auto& entry) { return entry.second.key == request.key; });
    Pinhole pinhole{0, request.key, now + request.lease, request.requester};
    if (present != pinholes_.end()) {
        pinhole.id = present->first;
    } else {
        if (const auto refused = policy_.refusesAnother(countOf(request.key.client), pinholes_.size()))
            return refuse(*refused);
        const auto id = freeId(now);
        if (!id) return refuse({MappingError::QuotaExceeded, "no id is free"});
        pinhole.id = *id;
    }
    if (!store(pinhole, now)) return refuse({MappingError::Backend, "nothing was changed"});
    return pinhole.id;
}

Result<void> Pinholes::store(const Pinhole& pinhole, TimePoint now) {
    PinholeDelta delta;
    const auto old = pinholes_.find(pinhole.id);
    const bool renewed = old != pinholes_.end();
    if (renewed) delta.remove.push_back(ruleFor(old->second, now));
    delta.add.push_back(ruleFor(pinhole, now));
    if (const auto applied = apply(delta, now); !applied) return applied;
    log::format(renewed ? log::Level::Debug : log::Level::Info, "portmap: pinhole {} {} {} for {}, {} s",
                pinhole.id, renewed ? "renewed" : "opened", toString(pinhole.key),
                toString(pinhole.requester), secondsUntil(pinhole.expiresAt, now).count());
    pinholes_.insert_or_assign(pinhole.id, pinhole);
    return {};
}

Result<Pinhole*> Pinholes::findFor(PinholeId id, const IpAddress& requester, const Lan& lan) {
    const auto found = pinholes_.find(id);
    if (found == pinholes_.end()) return fail(MappingError::NotFound);
    if (!policy_.config().allowThirdParty && !policy_.isSameHost(requester, found->second.key.client, lan)) {
        log::info("portmap: refused pinhole {} to {}: it belongs to {}", id, toString(requester),
                  toString(found->second.key.client));
        return fail(MappingError::NotAuthorized);
    }
    return &found->second;
}

Result<void> Pinholes::update(PinholeId id, Seconds lease, const IpAddress& requester, const Lan& lan,
                              TimePoint now) {
    const auto found = findFor(id, requester, lan);
    if (!found) return fail(found.error());
    Pinhole renewed = **found;
    renewed.expiresAt = now + lease;
    return store(renewed, now);
}

Result<void> Pinholes::release(PinholeId id, const IpAddress& requester, const Lan& lan, TimePoint now) {
    const auto found = findFor(id, requester, lan);
    if (!found) return fail(found.error());
    return drop(std::vector{**found}, "deleted by " + toString(requester), now);
}

Result<std::uint64_t> Pinholes::packets(PinholeId id, const IpAddress& requester, const Lan& lan,
                                        TimePoint now) {
    const auto found = findFor(id, requester, lan);
    if (!found) return fail(found.error());
    return firewall_.packets(ruleFor(**found, now));
}

/// Somebody may have taken our rules away a moment ago: then they are laid again first.
Result<void> Pinholes::apply(const PinholeDelta& delta, TimePoint now) {
    if (firewall_.apply(delta)) return {};
    const auto damage = firewall_.damage();
    if (!damage) return fail(MappingError::Backend);
    log::notice("firewall: {}: laid again for a request that needs it", *damage);
    if (!repair(now)) return fail(MappingError::Backend);
    return firewall_.apply(delta);
}

Result<void> Pinholes::repair(TimePoint now) {
    std::vector<PinholeRule> rules;
    for (const auto& [id, pinhole] : pinholes_) rules.push_back(ruleFor(pinhole, now));
    return firewall_.replaceAll(rules);
}

Result<void> Pinholes::drop(std::span<const Pinhole> pinholes, std::string_view cause, TimePoint now) {
    if (pinholes.empty()) return {};
    PinholeDelta delta;
    for (const Pinhole& pinhole : pinholes) delta.remove.push_back(ruleFor(pinhole, now));
    if (const auto applied = apply(delta, now); !applied) return applied;
    for (const Pinhole& pinhole : pinholes) {
        log::info("portmap: pinhole {} closed {}: {}", pinhole.id, toString(pinhole.key), cause);
        ended_[pinhole.id] = now;
        pinholes_.erase(pinhole.id);
    }
    return {};
}

Result<void> Pinholes::expire(TimePoint now) {
    auto ending = all();
    std::erase_if(ending, [&](const Pinhole& pinhole) { return pinhole.expiresAt > now; });
    return drop(ending, "lease ran out", now);
}

std::optional<TimePoint> Pinholes::nextExpiry() const {
    const auto next =
        std::ranges::min_element(pinholes_, {}, [](const auto& entry) { return entry.second.expiresAt; });
    return next == pinholes_.end() ? std::nullopt : std::optional{next->second.expiresAt};
}

Result<void> Pinholes::keepWithin(std::span<const Ipv6Prefix> prefixes, TimePoint now) {
    auto stranded = all();
    std::erase_if(stranded, [&](const Pinhole& pinhole) {
        return std::ranges::any_of(
            prefixes, [&](const Ipv6Prefix& prefix) { return prefix.contains(pinhole.key.client); });
    });
    return drop(stranded, "its prefix is gone", now);
}

Result<void> Pinholes::clear(TimePoint now) {
    return drop(all(), "all pinholes were closed", now);
}

std::vector<Pinhole> Pinholes::all() const {
    std::vector<Pinhole> result;
    for (const auto& [id, pinhole] : pinholes_) result.push_back(pinhole);
    return result;
}

}  // namespace igd
