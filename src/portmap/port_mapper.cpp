// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/port_mapper.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include "mapping_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

/// The kernel ends a rule this much later than the table does, so that it never forestalls the daemon's own,
/// logged end.
constexpr Seconds kKernelGrace{2};

Rule ruleFor(const Mapping& mapping, TimePoint now) {
    std::optional<Seconds> timeout;
    if (mapping.expiresAt) timeout = secondsUntil(*mapping.expiresAt, now) + kKernelGrace;
    return {mapping.key, mapping.remoteHost, mapping.internal, timeout, mapping.description};
}

void addRule(std::vector<Rule>& rules, const Mapping* mapping, TimePoint now) {
    if (mapping != nullptr && mapping->enabled) rules.push_back(ruleFor(*mapping, now));
}

std::string leaseText(const Mapping& mapping, TimePoint now) {
    return mapping.expiresAt ? fmt::format("{} s", secondsUntil(*mapping.expiresAt, now).count())
                             : "for ever";
}

std::string remoteText(const std::optional<Ipv4Address>& remoteHost) {
    return remoteHost ? " from " + toString(*remoteHost) : "";
}

bool isRenewal(const Mapping* old, const Mapping& now) {
    return old != nullptr && old->internal == now.internal && old->remoteHost == now.remoteHost &&
           old->enabled == now.enabled && old->description == now.description;
}

void logStored(const Mapping* old, const Mapping& mapping, TimePoint now) {
    const bool renewed = isRenewal(old, mapping);
    const std::string line =
        fmt::format("portmap: {} {}{} -> {} for {} by {}, {}{} {}", renewed ? "renewed" : "granted",
                    toString(mapping.key), remoteText(mapping.remoteHost), toString(mapping.internal),
                    toString(mapping.requester), name(mapping.origin), leaseText(mapping, now),
                    mapping.enabled ? "" : ", not enabled", igd::quoted(mapping.description));
    log::format(renewed ? log::Level::Debug : log::Level::Info, "{}", line);
}

std::string ownerOf(const Mapping& mapping) {
    return mapping.origin == Origin::Static ? "the administrator" : toString(mapping.internal.address);
}

void logRefused(const MappingRequest& request, const Refusal& refusal) {
    log::info("portmap: refused {}{} -> {} to {} by {}: {}: {} {}", toString(request.key),
              remoteText(request.remoteHost), toString(request.internal), toString(request.requester),
              name(request.origin), name(refusal.error), refusal.reason, igd::quoted(request.description));
}

}  // namespace

PortMapper::PortMapper(Policy policy, PortMapperParts parts)
    : policy_(std::move(policy)), parts_(std::move(parts)), table_(std::make_unique<MappingTable>()) {}

PortMapper::~PortMapper() = default;

std::optional<Refusal> PortMapper::refusal(const MappingRequest& request, const Lan& lan) const {
    if (auto refused = policy_.refuses(request, lan)) return refused;
    const Mapping* const present = table_->find(request.key);
    if (present == nullptr) {
        if (parts_.portInUse(request.key))
            return Refusal{MappingError::PortInUse, "the router itself uses that port"};
        return policy_.refusesAnother(table_->countOf(request.internal.address), table_->size());
    }
    if (present->origin == Origin::Static && request.origin != Origin::Static)
        return Refusal{MappingError::Conflict, "the administrator has mapped that port"};
    if (present->internal.address != request.internal.address || present->remoteHost != request.remoteHost)
        return Refusal{MappingError::Conflict, "held by " + toString(present->internal.address)};
    return std::nullopt;
}

Result<void> PortMapper::request(const MappingRequest& request, const Lan& lan, TimePoint now) {
    const AskedMapping asked{request, lan};
    return requestAll({&asked, 1}, now).front();
}

/// The nearest port that is to be had, the one asked for first; nullopt when there is none.
std::optional<Port> PortMapper::portFor(const MappingRequest& request, const Lan& lan) const {
    constexpr int kLast = 65535;
    const int wanted = request.key.externalPort.value;
    MappingRequest attempt = request;
    for (int distance = 0; distance <= kLast; ++distance)
        for (const int port : {wanted + distance, wanted - distance}) {
            if (port < 1 || port > kLast) continue;
            attempt.key.externalPort = Port{static_cast<std::uint16_t>(port)};
            // One that the client has already leads elsewhere, and is to stay.
            if (table_->find(attempt.key) == nullptr && !refusal(attempt, lan))
                return attempt.key.externalPort;
        }
    return std::nullopt;
}

Result<Port> PortMapper::requestAny(const MappingRequest& request, const Lan& lan, TimePoint now) {
    MappingRequest granted = request;
    if (granted.key.externalPort == Port{0}) granted.key.externalPort = request.internal.port;
    const bool anyPort = request.key.externalPort == Port{0};
    const auto refused = refusal(granted, lan);
    if (refused && (refused->error == MappingError::Conflict || refused->error == MappingError::PortInUse ||
                    (anyPort && refused->error == MappingError::NotAuthorized))) {
        const auto port = portFor(granted, lan);
        if (!port) {
            logRefused(granted, {MappingError::QuotaExceeded, "no external port is left"});
            return fail(MappingError::QuotaExceeded);
        }
        granted.key.externalPort = *port;
    }
    if (const auto added = this->request(granted, lan, now); !added) return fail(added.error());
    return granted.key.externalPort;
}

Mapping PortMapper::mappingFor(const MappingRequest& request, TimePoint now) const {
    const auto lease = request.lease == Seconds{0} ? parts_.defaultLease()
                                                   : std::optional{policy_.leaseWithin(request.lease)};
    return {request.key,       request.remoteHost,  request.internal,
            request.enabled,   request.description, lease ? std::optional{now + *lease} : std::nullopt,
            request.requester, request.origin};
}

std::vector<Result<void>> PortMapper::requestAll(std::span<const AskedMapping> asked, TimePoint now) {
    std::vector<Result<void>> results(asked.size());
    std::vector<Planned> plan;
    const auto refuse = [&](std::size_t index, const Refusal& refusal) {
        logRefused(asked[index].request, refusal);
        results[index] = fail(refusal.error);
    };
    const auto finish = [&] {
        takeBack(plan);
        const bool together = carryOut(plan, now);
        for (std::size_t i = 0; i < plan.size() && !together; ++i)
            if (plan.size() == 1 || !carryOut({&plan[i], 1}, now))
                refuse(plan[i].index, {MappingError::Backend, "nothing was changed"});
        plan.clear();
    };
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const MappingRequest& request = asked[i].request;
        // The same port again: what the first of them gets decides.
        if (std::ranges::any_of(plan, [&](const Planned& p) { return p.mapping.key == request.key; }))
            finish();
        if (const auto refused = refusal(request, asked[i].lan)) {
            refuse(i, *refused);
            continue;
        }
        const Mapping* const old = table_->find(request.key);
        plan.push_back({i, mappingFor(request, now), old != nullptr ? std::optional{*old} : std::nullopt});
        table_->store(plan.back().mapping);  // the next one is judged as if this were granted
    }
    finish();
    return results;
}

void PortMapper::takeBack(std::span<const Planned> plan) {
    for (auto planned = plan.rbegin(); planned != plan.rend(); ++planned)
        if (planned->old)
            table_->store(*planned->old);
        else
            table_->erase(planned->mapping.key);
}

/// All or nothing.
bool PortMapper::carryOut(std::span<const Planned> plan, TimePoint now) {
    RuleDelta delta;
    for (const Planned& planned : plan) {
        addRule(delta.remove, planned.old ? &*planned.old : nullptr, now);
        addRule(delta.add, &planned.mapping, now);
    }
    if (!apply(delta, now)) return false;
    for (const Planned& planned : plan) {
        const Mapping* const old = planned.old ? &*planned.old : nullptr;
        logStored(old, planned.mapping, now);
        if (!isRenewal(old, planned.mapping)) ++updateId_;
        table_->store(planned.mapping);
        parts_.observer.mappingStored(planned.mapping);
    }
    return true;
}

Result<void> PortMapper::release(const ReleaseRequest& request, const Lan& lan, TimePoint now) {
    const Mapping* const present = table_->find(request.key);
    if (present == nullptr || present->remoteHost != request.remoteHost) return fail(MappingError::NotFound);
    if (!policy_.mayEnd(*present, request.requester, lan)) {
        log::info("portmap: refused to end {} for {}: it belongs to {}", toString(request.key),
                  toString(request.requester), ownerOf(*present));
        return fail(MappingError::NotAuthorized);
    }
    return drop(std::vector{*present}, "deleted by " + toString(request.requester), now);
}

std::vector<Mapping> PortMapper::inRange(const RangeRequest& request) const {
    std::vector<Mapping> found;
    for (Mapping& mapping : table_->all())
        if (mapping.key.protocol == request.protocol && request.ports.contains(mapping.key.externalPort))
            found.push_back(std::move(mapping));
    return found;
}

Result<void> PortMapper::releaseRange(const RangeRequest& request, const Lan& lan, TimePoint now) {
    const auto refuse = [&](std::string_view why) {
        log::info("portmap: refused to end {} {} for {}: {}", lowerName(request.protocol),
                  toString(request.ports), toString(request.requester), why);
        return fail(MappingError::NotAuthorized);
    };
    if (const auto refused = policy_.refusesRange(request)) return refuse(refused->reason);
    auto mappings = inRange(request);
    if (mappings.empty()) return fail(MappingError::NotFound);
    std::erase_if(mappings, [&](const Mapping& mapping) {
        const bool meant = request.manage || mapping.internal.address == request.requester;
        return !meant || !policy_.mayEnd(mapping, request.requester, lan);
    });
    if (mappings.empty()) return refuse("all of them belong to others");
    const std::uint32_t before = updateId_;
    const auto dropped = drop(mappings, "deleted by " + toString(request.requester), now);
    if (dropped) updateId_ = before + 1;  // one change, however many mappings (IGD-Index-08)
    return dropped;
}

/// Somebody may have taken our table away a moment ago: then it is laid again first.
Result<void> PortMapper::apply(const RuleDelta& delta, TimePoint now) {
    if (delta.empty()) return {};
    if (const auto applied = parts_.firewall.apply(delta); applied) return {};
    const auto damage = parts_.firewall.damage();
    if (!damage) return fail(MappingError::Backend);
    log::notice("firewall: {}: laid again for a request that needs it", *damage);
    if (!repair(now)) return fail(MappingError::Backend);
    return parts_.firewall.apply(delta);
}

Result<void> PortMapper::repair(TimePoint now) {
    std::vector<Rule> rules;
    for (const Mapping& mapping : table_->all()) addRule(rules, &mapping, now);
    return parts_.firewall.replaceAll(rules);
}

Result<void> PortMapper::drop(std::span<const Mapping> mappings, std::string_view cause, TimePoint now) {
    RuleDelta delta;
    for (const Mapping& mapping : mappings) addRule(delta.remove, &mapping, now);
    if (const auto applied = apply(delta, now); !applied) return applied;
    for (const Mapping& mapping : mappings) {
        table_->erase(mapping.key);
        ++updateId_;
        log::info("portmap: ended {} -> {} of {}: {} {}", toString(mapping.key), toString(mapping.internal),
                  toString(mapping.requester), cause, igd::quoted(mapping.description));
        parts_.observer.mappingEnded(mapping);
    }
    return {};
}

Result<MappingView> PortMapper::find(const MappingKey& key, TimePoint now) const {
    const Mapping* const mapping = table_->find(key);
    if (mapping == nullptr) return fail(MappingError::NotFound);
    return viewOf(*mapping, now);
}

Result<MappingView> PortMapper::at(std::uint32_t index, TimePoint now) const {
    const Mapping* const mapping = table_->at(index);
    if (mapping == nullptr) return fail(MappingError::IndexOutOfRange);
    return viewOf(*mapping, now);
}

Result<MappingView> PortMapper::find(const MappingKey& key, Ipv4Address requester, TimePoint now) const {
    const Mapping* const mapping = table_->find(key);
    if (mapping == nullptr) return fail(MappingError::NotFound);
    if (!policy_.mayRead(*mapping, requester)) return fail(MappingError::NotAuthorized);
    return viewOf(*mapping, now);
}

Result<MappingView> PortMapper::at(std::uint32_t index, Ipv4Address requester, TimePoint now) const {
    const Mapping* const mapping = table_->at(index);
    if (mapping == nullptr) return fail(MappingError::IndexOutOfRange);
    if (!policy_.mayRead(*mapping, requester)) return fail(MappingError::NotAuthorized);
    return viewOf(*mapping, now);
}

Result<std::vector<MappingView>> PortMapper::list(const RangeRequest& request, std::size_t limit,
                                                  TimePoint now) const {
    if (policy_.refusesRange(request)) return fail(MappingError::NotAuthorized);
    auto mappings = inRange(request);
    const bool others = request.manage && (policy_.config().deleteAll || policy_.config().allowThirdParty);
    std::erase_if(mappings, [&](const Mapping& mapping) {
        return !others && mapping.internal.address != request.requester;
    });
    if (mappings.empty()) return fail(MappingError::NotFound);
    std::ranges::sort(mappings, {}, [](const Mapping& mapping) { return mapping.key.externalPort; });
    std::vector<MappingView> views;
    for (const Mapping& mapping : mappings)
        if (views.size() < limit) views.push_back(viewOf(mapping, now));
    return views;
}

std::size_t PortMapper::size() const {
    return table_->size();
}

Result<void> PortMapper::restore(std::span<const Mapping> mappings, TimePoint now) {
    MappingTable restored;
    std::vector<Rule> rules;
    for (const Mapping& mapping : mappings) {
        if ((mapping.expiresAt && *mapping.expiresAt <= now) || restored.find(mapping.key) != nullptr)
            continue;
        restored.store(mapping);
        addRule(rules, &mapping, now);
    }
    if (const auto applied = parts_.firewall.replaceAll(rules); !applied) return applied;
    *table_ = std::move(restored);
    return {};
}

Result<void> PortMapper::expire(TimePoint now) {
    const auto ended = table_->endingBy(now);
    return ended.empty() ? Result<void>{} : drop(ended, "lease ran out", now);
}

std::optional<TimePoint> PortMapper::nextExpiry() const {
    return table_->nextExpiry();
}

Result<void> PortMapper::remove(const MappingKey& key, TimePoint now) {
    const Mapping* const present = table_->find(key);
    if (present == nullptr) return fail(MappingError::NotFound);
    return drop(std::vector{*present}, "deleted by the administrator", now);
}

Result<void> PortMapper::clear(TimePoint now) {
    auto mappings = table_->all();
    std::erase_if(mappings, [](const Mapping& mapping) { return mapping.origin == Origin::Static; });
    return drop(mappings, "all mappings were cleared", now);
}

std::vector<Mapping> PortMapper::all() const {
    return table_->all();
}

}  // namespace igd
