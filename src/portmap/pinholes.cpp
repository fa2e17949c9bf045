// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/pinholes.h"

#include "ipv6_mapping_rules.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

constexpr Seconds kResting{60};
constexpr std::size_t kRefusalLines = 5;  ///< of PCP, a second

PinholeRule ruleFor(const Pinhole& pinhole, TimePoint now) {
    return {pinhole.key, secondsUntil(pinhole.expiresAt, now) + kKernelGrace};
}

}  // namespace

std::string toString(const PinholeKey& key) {
    std::string remote = "any";
    if (key.remoteHost) remote = fmt::format("[{}]", toString(*key.remoteHost));
    if (key.remotePort) remote += fmt::format(":{}", key.remotePort->value);
    return fmt::format("{} from {}", endpointText(key.protocol, key.client, key.internalPort),
                       remote);
}

std::string endpointText(Protocol protocol, const Ipv6Address& client, Port port) {
    const std::string text = fmt::format("{} [{}]", lowerName(protocol), toString(client));
    return hasPorts(protocol) ? fmt::format("{}:{}", text, port.value) : text;
}

Pinholes::Pinholes(Policy policy, PinholeFirewall& firewall, PinholeObserver* observer)
    : policy_(std::move(policy)),
      firewall_(firewall),
      observer_(observer),
      refusalLines_(kRefusalLines, kRefusalLines) {}

void Pinholes::remember(const Lan& lan) {
    for (const Ipv6Prefix& prefix : lan.addresses6)
        if (std::ranges::find(known_, prefix) == known_.end()) known_.push_back(prefix);
}

/// A host has many addresses of IPv6 and one quota (PCP-Spoof-06).
std::size_t Pinholes::countOf(const Ipv6Address& client, const Lan& lan) {
    std::map<Ipv6Address, std::size_t> counts;
    for (const auto& [id, pinhole] : pinholes_) ++counts[pinhole.key.client];
    for (const auto& [key, mapping] : mapped_) ++counts[mapping.client];
    std::erase_if(owners_, [&](const auto& entry) { return !counts.contains(entry.first); });
    const auto mac = policy_.hardwareAddressOf(client, lan);
    std::size_t sum = 0;
    for (const auto& [address, count] : counts)
        if (address == client || (mac && ownerOf(address, lan) == mac)) sum += count;
    return sum;
}

/// The kernel is asked once, soon after the pinhole was opened, and forgets silent hosts.
std::optional<MacAddress> Pinholes::ownerOf(const Ipv6Address& client, const Lan& lan) {
    const auto known = owners_.find(client);
    if (known != owners_.end()) return known->second;
    const auto mac = policy_.hardwareAddressOf(client, lan);
    if (mac) owners_.emplace(client, *mac);
    return mac;
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
    remember(lan);
    const auto present = std::ranges::find_if(
        pinholes_, [&](const auto& entry) { return entry.second.key == request.key; });
    Pinhole pinhole{0, request.key, now + request.lease, request.requester,
                    !policy_.isSameHost(request.requester, request.key.client, lan)};
    if (present != pinholes_.end()) {
        pinhole.id = present->first;
        pinhole.forAnother = pinhole.forAnother && present->second.forAnother;
    } else {
        if (const auto refused = policy_.refusesAnother(countOf(request.key.client, lan), size()))
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
    log::format(renewed ? log::Level::Debug : log::Level::Info,
                "portmap: pinhole {} {} {} for {}, {} s", pinhole.id,
                renewed ? "renewed" : "opened", toString(pinhole.key), toString(pinhole.requester),
                secondsUntil(pinhole.expiresAt, now).count());
    pinholes_.insert_or_assign(pinhole.id, pinhole);
    if (observer_ != nullptr) observer_->pinholeStored(pinhole);
    return {};
}

Result<Pinhole*> Pinholes::findFor(PinholeId id, const IpAddress& requester, const Lan& lan) {
    const auto found = pinholes_.find(id);
    if (found == pinholes_.end()) return fail(MappingError::NotFound);
    if (!policy_.config().allowThirdParty &&
        !policy_.isSameHost(requester, found->second.key.client, lan)) {
        log::info("portmap: refused pinhole {} to {}: it belongs to {}", id, toString(requester),
                  toString(found->second.key.client));
        return fail(MappingError::NotAuthorized);
    }
    return &found->second;
}

Result<void> Pinholes::update(PinholeId id, Seconds lease, const IpAddress& requester,
                              const Lan& lan, TimePoint now) {
    const auto found = findFor(id, requester, lan);
    if (!found) return fail(found.error());
    Pinhole renewed = **found;
    renewed.expiresAt = now + lease;
    renewed.forAnother =
        renewed.forAnother && !policy_.isSameHost(requester, renewed.key.client, lan);
    return store(renewed, now);
}

Result<void> Pinholes::release(PinholeId id, const IpAddress& requester, const Lan& lan,
                               TimePoint now) {
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
    for (const auto& [key, mapping] : mapped_)
        std::ranges::move(rulesFor(mapping, now), std::back_inserter(rules));
    return firewall_.replaceAll(rules);
}

Result<void> Pinholes::drop(std::span<const Pinhole> pinholes, std::string_view cause,
                            TimePoint now) {
    if (pinholes.empty()) return {};
    PinholeDelta delta;
    for (const Pinhole& pinhole : pinholes) delta.remove.push_back(ruleFor(pinhole, now));
    if (const auto applied = apply(delta, now); !applied) return applied;
    for (const Pinhole& pinhole : pinholes) {
        log::info("portmap: pinhole {} closed {}: {}", pinhole.id, toString(pinhole.key), cause);
        ended_[pinhole.id] = now;
        pinholes_.erase(pinhole.id);
        if (observer_ != nullptr) observer_->pinholeEnded(pinhole);
    }
    return {};
}

Result<void> Pinholes::expire(TimePoint now) {
    auto ending = all();
    std::erase_if(ending, [&](const Pinhole& pinhole) { return pinhole.expiresAt > now; });
    if (const auto dropped = drop(ending, "lease ran out", now); !dropped) return dropped;
    auto mapped = this->mapped();
    std::erase_if(mapped, [&](const Ipv6Mapping& mapping) { return mapping.expiresAt > now; });
    return dropMapped(mapped, "lease ran out", now);
}

std::optional<TimePoint> Pinholes::nextExpiry() const {
    const auto next = std::ranges::min_element(
        pinholes_, {}, [](const auto& entry) { return entry.second.expiresAt; });
    auto end = next == pinholes_.end() ? TimePoint::max() : next->second.expiresAt;
    for (const auto& [key, mapping] : mapped_) end = std::min(end, mapping.expiresAt);
    return end == TimePoint::max() ? std::nullopt : std::optional{end};
}

Result<bool> Pinholes::keepWithin(std::span<const Ipv6Prefix> prefixes, TimePoint now) {
    const auto isWithin = [](std::span<const Ipv6Prefix> some, const Ipv6Address& client) {
        return std::ranges::any_of(
            some, [&](const Ipv6Prefix& prefix) { return prefix.contains(client); });
    };
    // What an earlier run left waits for its prefix, which may come later than the daemon.
    const auto stays = [&](const Ipv6Address& client) {
        return isWithin(prefixes, client) || !isWithin(known_, client);
    };
    auto stranded = all();
    std::erase_if(stranded, [&](const Pinhole& pinhole) { return stays(pinhole.key.client); });
    auto mapped = this->mapped();
    std::erase_if(mapped, [&](const Ipv6Mapping& mapping) { return stays(mapping.client); });
    if (!drop(stranded, "its prefix is gone", now) ||
        !dropMapped(mapped, "its prefix is gone", now))
        return fail(MappingError::Backend);
    known_.assign(prefixes.begin(), prefixes.end());
    return !stranded.empty() || !mapped.empty();
}

Result<std::size_t> Pinholes::remove(Protocol protocol, const Ipv6Address& client, Port port,
                                     TimePoint now) {
    constexpr std::string_view kCause = "deleted by the administrator";
    auto pinholes = all();
    std::erase_if(pinholes, [&](const Pinhole& pinhole) {
        const PinholeKey& key = pinhole.key;
        return key.protocol != protocol || key.client != client || key.internalPort != port;
    });
    std::vector<Ipv6Mapping> mapped;
    if (const auto found = mapped_.find({client, port, protocol}); found != mapped_.end())
        mapped.push_back(found->second);
    const std::size_t count = pinholes.size() + mapped.size();
    if (count == 0) return fail(MappingError::NotFound);
    if (!drop(pinholes, kCause, now) || !dropMapped(mapped, kCause, now))
        return fail(MappingError::Backend);
    return count;
}

Result<void> Pinholes::clear(TimePoint now) {
    if (const auto dropped = drop(all(), "all pinholes were closed", now); !dropped) return dropped;
    return dropMapped(mapped(), "all pinholes were closed", now);
}

std::vector<Pinhole> Pinholes::all() const {
    std::vector<Pinhole> result;
    for (const auto& [id, pinhole] : pinholes_) result.push_back(pinhole);
    return result;
}

}  // namespace igd
