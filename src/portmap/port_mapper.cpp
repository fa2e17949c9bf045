// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/port_mapper.h"

#include "mapping_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace igd {
namespace {

/// The kernel ends a rule this much later than the table does, so that it never forestalls the
/// daemon's own, logged end.
constexpr Seconds kKernelGrace{2};

constexpr std::size_t kRefusalLinesPerClient = 5;  ///< a second
constexpr std::size_t kRefusalLines = 20;

Rule ruleFor(const Mapping& mapping, TimePoint now) {
    std::optional<Seconds> timeout;
    if (const auto end = endOf(mapping)) timeout = secondsUntil(*end, now) + kKernelGrace;
    return {mapping.key, mapping.remoteHost,  mapping.internal,
            timeout,     mapping.description, mapping.filters};
}

void addRule(std::vector<Rule>& rules, const Mapping* mapping, TimePoint now) {
    if (mapping != nullptr && mapping->enabled) rules.push_back(ruleFor(*mapping, now));
}

std::string leaseText(const Mapping& mapping, TimePoint now) {
    const auto end = endOf(mapping);
    return end ? fmt::format("{} s", secondsUntil(*end, now).count()) : "for ever";
}

std::string remoteText(const std::optional<Ipv4Address>& remoteHost) {
    return remoteHost ? " from " + toString(*remoteHost) : "";
}

bool isRenewal(const Mapping* old, const Mapping& now) {
    return old != nullptr && old->internal == now.internal && old->remoteHost == now.remoteHost &&
           old->enabled == now.enabled && old->description == now.description &&
           old->origin == now.origin && old->filters == now.filters &&
           old->igdShare.has_value() == now.igdShare.has_value();
}

void logStored(const Mapping* old, const Mapping& mapping, TimePoint now) {
    const bool renewed = isRenewal(old, mapping);
    const std::string line = fmt::format(
        "portmap: {} {}{} -> {} for {} by {}, {}{} {}", renewed ? "renewed" : "granted",
        toString(mapping.key), remoteText(mapping.remoteHost), toString(mapping.internal),
        toString(mapping.requester), name(mapping.origin), leaseText(mapping, now),
        mapping.enabled ? "" : ", not enabled", igd::quoted(mapping.description));
    log::format(renewed ? log::Level::Debug : log::Level::Info, "{}", line);
}

std::string ownerOf(const Mapping& mapping) {
    return mapping.origin == Origin::Static ? "the administrator"
                                            : toString(mapping.internal.address);
}

/// What UPnP leaves of a mapping when it gives it up.
std::optional<Mapping> withoutIgd(const Mapping& mapping) {
    if (!mapping.igdShare) return std::nullopt;
    Mapping left = mapping;
    left.igdShare.reset();
    return left;
}

void logRefused(const MappingRequest& request, const Refusal& refusal) {
    log::info("portmap: refused {}{} -> {} to {} by {}: {}: {} {}", toString(request.key),
              remoteText(request.remoteHost), toString(request.internal),
              toString(request.requester), name(request.origin), name(refusal.error),
              refusal.reason, igd::quoted(request.description));
}

}  // namespace

PortMapper::PortMapper(Policy policy, PortMapperParts parts)
    : policy_(std::move(policy)),
      parts_(std::move(parts)),
      table_(std::make_unique<MappingTable>()),
      refusalLines_(kRefusalLinesPerClient, kRefusalLines) {}

PortMapper::~PortMapper() = default;

std::optional<Refusal> PortMapper::refusal(const MappingRequest& request, const Lan& lan) const {
    if (auto refused = policy_.refuses(request, lan)) return refused;
    const Mapping* const present = table_->find(request.key);
    if (present == nullptr) {
        if (parts_.portInUse(request.key))
            return Refusal{MappingError::PortInUse, "the router itself uses that port"};
        const Mapping* const companion = table_->find(companionOf(request.key));
        if (companion != nullptr && companion->origin == Origin::NatPmp &&
            companion->internal.address != request.internal.address)
            return Refusal{
                MappingError::Conflict,
                "kept for " + toString(companion->internal.address) + " (RFC 6886 section 3.3)"};
        return policy_.refusesAnother(table_->countOf(request.internal.address), table_->size());
    }
    return refusalOf(request, *present);
}

std::optional<Refusal> PortMapper::refusalOf(const MappingRequest& request,
                                             const Mapping& present) const {
    if (present.origin == Origin::Static && request.origin != Origin::Static)
        return Refusal{MappingError::Conflict, "the administrator has mapped that port"};
    if (present.internal.address != request.internal.address ||
        present.remoteHost != request.remoteHost)
        return Refusal{MappingError::Conflict, "held by " + toString(present.internal.address)};
    // Whoever has no nonce changes nothing of it (RFC 6887 section 18.1); he may share it as it is
    // (IWF-03).
    if (present.origin == Origin::Pcp &&
        (present.internal != request.internal || !present.filters.empty() || !request.enabled))
        return Refusal{MappingError::Conflict, "the client has mapped it otherwise by PCP"};
    return std::nullopt;
}

Result<void> PortMapper::request(const MappingRequest& request, const Lan& lan, TimePoint now) {
    const AskedMapping asked{request, lan};
    return requestAll({&asked, 1}, now).front();
}

Result<Port> PortMapper::requestAny(const MappingRequest& request, const Lan& lan, TimePoint now) {
    MappingRequest granted = request;
    if (granted.key.externalPort == Port{0}) granted.key.externalPort = request.internal.port;
    const bool anyPort = request.key.externalPort == Port{0};
    const auto refused = refusal(granted, lan);
    if (refused &&
        (refused->error == MappingError::Conflict || refused->error == MappingError::PortInUse ||
         (anyPort && refused->error == MappingError::NotAuthorized))) {
        const auto permitted = policy_.permittedPorts(granted.key.protocol, granted.internal, lan);
        const auto port = nearestFree(granted.key, granted.internal.address, permitted);
        if (!port) {
            logRefused(granted, {MappingError::TableFull, "no external port is left"});
            return fail(MappingError::TableFull);
        }
        granted.key.externalPort = *port;
    }
    if (const auto added = this->request(granted, lan, now); !added) return fail(added.error());
    return granted.key.externalPort;
}

/// In a mapping that NAT-PMP or PCP has made UPnP takes its share (IWF-03).
Mapping PortMapper::mappingFor(const MappingRequest& request, const Mapping* present,
                               TimePoint now) const {
    const auto lease = request.lease == Seconds{0}
                           ? parts_.defaultLease()
                           : std::optional{policy_.leaseWithin(request.lease)};
    const auto end = lease ? std::optional{now + *lease} : std::nullopt;
    const bool shares = present != nullptr && present->internal == request.internal &&
                        request.enabled &&
                        (present->origin == Origin::Pcp || present->origin == Origin::NatPmp);
    const Ipv4Address client = request.internal.address;
    const bool isOwn =
        present != nullptr && present->internal == request.internal && present->requester == client;
    const Ipv4Address requester = isOwn ? client : request.requester;
    if (!shares)
        return {request.key,     request.remoteHost,  request.internal,
                request.enabled, request.description, end,
                requester,       request.origin};
    Mapping shared = *present;
    if (requester == client) shared.requester = client;
    shared.igdShare = IgdShare{end};
    shared.description = request.description;
    return shared;
}

Result<void> PortMapper::requestOne(const AskedMapping& asked, TimePoint now) {
    const MappingRequest& request = asked.request;
    const auto refuse = [&](const Refusal& refusal) {
        logRefused(request, refusal);
        return fail(refusal.error);
    };
    if (const auto refused = refusal(request, asked.lan)) return refuse(*refused);
    const Mapping* const old = table_->find(request.key);
    const Step step{old != nullptr ? std::optional{*old} : std::nullopt,
                    mappingFor(request, old, now)};
    if (!commit({step}, now)) return refuse({MappingError::Backend, "nothing was changed"});
    return {};
}

std::vector<Result<void>> PortMapper::requestAll(std::span<const AskedMapping> asked,
                                                 TimePoint now) {
    return together<Result<void>>(
        asked, [this, now](const AskedMapping& each) { return requestOne(each, now); }, now);
}

std::vector<PortAnswer> PortMapper::controlAll(std::span<const AskedPort> asked,
                                               std::optional<Ipv4Address> external, TimePoint now) {
    return together<PortAnswer>(
        asked,
        [this, external, now](const AskedPort& each) { return controlOne(each, external, now); },
        now);
}

/// Each is judged as if those before it were done; then the kernel is asked once.
template <class Answer, class Asked, class One>
std::vector<Answer> PortMapper::together(std::span<const Asked> asked, One one, TimePoint now) {
    std::vector<Answer> answers;
    std::vector<Step> journal;
    if (asked.size() > 1) journal_ = &journal;
    for (const Asked& each : asked) answers.push_back(one(each));
    journal_ = nullptr;
    undo(journal);
    if (commit(journal, now)) return answers;
    answers.clear();
    for (const Asked& each : asked) answers.push_back(one(each));
    return answers;
}

void PortMapper::undo(std::span<const Step> steps) {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) put({step->left, step->old});
}

void PortMapper::put(const Step& step) {
    if (step.left)
        table_->store(*step.left);
    else
        table_->erase(step.key());
}

/// All or nothing.
bool PortMapper::commit(std::vector<Step> steps, TimePoint now) {
    if (journal_ != nullptr) {
        for (Step& step : steps) {
            put(step);
            journal_->push_back(std::move(step));
        }
        return true;
    }
    std::map<MappingKey, std::pair<const Mapping*, const Mapping*>> ends;
    for (const Step& step : steps) {
        const auto entry =
            ends.try_emplace(step.key(), step.old ? &*step.old : nullptr, nullptr).first;
        entry->second.second = step.left ? &*step.left : nullptr;
    }
    RuleDelta delta;
    for (const auto& [key, pair] : ends) {
        addRule(delta.remove, pair.first, now);
        addRule(delta.add, pair.second, now);
    }
    if (!apply(delta, now)) return false;
    for (const Step& step : steps) {
        put(step);
        report(step, now);
    }
    return true;
}

void PortMapper::report(const Step& step, TimePoint now) {
    const auto& [old, left, cause] = step;
    if (cause.empty())
        logStored(old ? &*old : nullptr, *left, now);
    else
        log::info("portmap: {} {} -> {} of {}: {} {}", left ? "one lease less on" : "ended",
                  toString(old->key), toString(old->internal), toString(old->requester), cause,
                  igd::quoted(old->description));
    if (!left || !isRenewal(old ? &*old : nullptr, *left)) ++updateId_;
    if (left)
        parts_.observer.mappingStored(*left);
    else
        parts_.observer.mappingEnded(*old);
}

Result<void> PortMapper::release(const ReleaseRequest& request, const Lan& lan, TimePoint now) {
    const Mapping* const present = table_->find(request.key);
    if (present == nullptr || present->remoteHost != request.remoteHost)
        return fail(MappingError::NotFound);
    if (!policy_.mayEnd(*present, request.requester, lan)) {
        log::info("portmap: refused to end {} for {}: it belongs to {}", toString(request.key),
                  toString(request.requester), ownerOf(*present));
        return fail(MappingError::NotAuthorized);
    }
    const Step step{*present, withoutIgd(*present), "deleted by " + toString(request.requester)};
    if (!commit({step}, now)) return fail(MappingError::Backend);
    return {};
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
    std::vector<Step> steps;
    steps.reserve(mappings.size());
    for (const Mapping& mapping : mappings)
        steps.push_back(
            {mapping, withoutIgd(mapping), "deleted by " + toString(request.requester)});
    if (!commit(std::move(steps), now)) return fail(MappingError::Backend);
    updateId_ = before + 1;  // one change, however many mappings (IGD-Index-08)
    return {};
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

Result<void> PortMapper::drop(std::span<const Mapping> mappings, std::string_view cause,
                              TimePoint now) {
    std::vector<Step> steps;
    steps.reserve(mappings.size());
    for (const Mapping& mapping : mappings)
        steps.push_back({mapping, std::nullopt, std::string{cause}});
    if (!commit(std::move(steps), now)) return fail(MappingError::Backend);
    return {};
}

Result<void> PortMapper::restore(std::span<const Mapping> mappings, TimePoint now) {
    MappingTable restored;
    std::vector<Rule> rules;
    for (const Mapping& mapping : mappings) {
        const auto held = heldAt(mapping, now);
        if (!held || restored.find(mapping.key) != nullptr) continue;
        restored.store(*held);
        addRule(rules, &*held, now);
    }
    if (const auto applied = parts_.firewall.replaceAll(rules); !applied) return applied;
    *table_ = std::move(restored);
    return {};
}

Result<void> PortMapper::expire(TimePoint now) {
    std::vector<Step> steps;
    for (const Mapping& mapping : table_->endingBy(now))
        steps.push_back({mapping, heldAt(mapping, now), "lease ran out"});
    if (!commit(std::move(steps), now)) return fail(MappingError::Backend);
    return {};
}

Result<void> PortMapper::remove(const MappingKey& key, TimePoint now) {
    const Mapping* const present = table_->find(key);
    if (present == nullptr) return fail(MappingError::NotFound);
    return drop(std::vector{*present}, "deleted by the administrator", now);
}

Result<void> PortMapper::clear(TimePoint now) {
    auto mappings = table_->all();
    std::erase_if(mappings,
                  [](const Mapping& mapping) { return mapping.origin == Origin::Static; });
    return drop(mappings, "all mappings were cleared", now);
}

}  // namespace igd
