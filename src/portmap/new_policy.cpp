// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration was read again: what stands although it might not be made now ends.
#include "ipv6_mapping_rules.h"
#include "mapping_table.h"

#include "upnpd/portmap/peers.h"
#include "upnpd/portmap/pinholes.h"
#include "upnpd/portmap/port_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

template <class T>
std::string causeOf(const T& refusal) {
    return "not permitted any more: " + refusal.reason;
}

/// What `policy` does not permit of `all`, with the reason of the first.
template <class T>
std::vector<T> notPermitted(std::vector<T> all, const Policy& policy, const Lans& lans,
                            std::string& cause) {
    std::erase_if(all, [&](const T& each) {
        const auto refused = policy.refuses(each, lans);
        if (refused && cause.empty()) cause = causeOf(*refused);
        return !refused;
    });
    return all;
}

/// The longest leases that are granted now.
struct Longest {
    Seconds igd;
    Seconds control;  ///< of NAT-PMP and PCP
};

/// nullopt when no lease of `mapping` is longer.
std::optional<Mapping> shortened(const Mapping& mapping, const Longest& longest, TimePoint now) {
    const auto cap = [now](std::optional<TimePoint>& end, Seconds limit) {
        if (end && secondsUntil(*end, now) > limit) end = now + limit;
    };
    Mapping shorter = mapping;
    cap(shorter.expiresAt, mapping.origin == Origin::Igd ? longest.igd : longest.control);
    if (shorter.igdShare) cap(shorter.igdShare->expiresAt, longest.igd);
    return shorter == mapping ? std::nullopt : std::optional{std::move(shorter)};
}

}  // namespace

/// A line may name the hardware address of a host that the kernel has not heard of since it
/// started.
bool Policy::knowsEnoughOf(const IpAddress& client, const Lan& lan) const {
    const auto namesOne = [](const PermissionRule& rule) { return rule.mac.has_value(); };
    return std::ranges::none_of(config_.permissions, namesOne) ||
           (hardwareAddressOf_ && hardwareAddressOf_(lan.interface, client));
}

/// `maker` may not map for `client` by that protocol. It may be on no network that is there at
/// present.
std::optional<Refusal> Policy::refusesMaker(const IpAddress& maker, const IpAddress& client,
                                            Origin origin) const {
    const bool byPcp = origin == Origin::Pcp;
    if (maker == client || (byPcp ? mayActForOthers(maker) : config_.allowThirdParty))
        return std::nullopt;
    return Refusal{
        MappingError::NotAuthorized,
        fmt::format("{} made it for {} (allow_third_party is off{})", toString(maker),
                    toString(client), byPcp ? ", pcp_third_party does not name it" : "")};
}

std::optional<Refusal> Policy::refuses(const Mapping& mapping, const Lans& lans) const {
    if (auto refusal = refusesMaker(mapping.requester, mapping.internal.address, mapping.origin))
        return refusal;
    const Lan* const lan = lans.of(mapping.internal.address);
    if (lan == nullptr) {
        if (!lans.all) return std::nullopt;
        return Refusal{
            MappingError::NotAuthorized,
            fmt::format("{} is on no network that is served", toString(mapping.internal.address))};
    }
    if (auto refusal = refusesClient(mapping.internal.address, mapping.internal.address, *lan))
        return refusal;
    if (!knowsEnoughOf(mapping.internal.address, *lan)) return std::nullopt;
    return refuses(MappingRequest{.key = mapping.key,
                                  .remoteHost = {},
                                  .internal = mapping.internal,
                                  .description = {},
                                  .requester = mapping.internal.address,
                                  .origin = mapping.origin},
                   *lan);
}

std::optional<Refusal> Policy::refuses(const Pinhole& pinhole, const Lans& lans) const {
    const Lan* const lan = lans.of(pinhole.key.client);
    // Whose the other address is the kernel may have learnt meanwhile, and may have forgotten.
    if (pinhole.forAnother &&
        (lan == nullptr || !isSameHost(pinhole.requester, pinhole.key.client, *lan)))
        if (auto refusal = refusesMaker(pinhole.requester, pinhole.key.client, Origin::Igd))
            return refusal;
    if (lan == nullptr) return std::nullopt;  // its prefix may come later, or is gone: keepWithin()
    return refuses(PinholeRequest{pinhole.key, Seconds{0}, pinhole.key.client}, *lan);
}

std::optional<Refusal> Policy::refuses(const Ipv6Mapping& mapping, const Lans& lans) const {
    if (auto refusal = refusesMaker(mapping.requester, mapping.client, Origin::Pcp)) return refusal;
    const Lan* const lan = lans.of(mapping.client);
    if (lan == nullptr) return std::nullopt;
    if (auto refusal = refusesClient(mapping.client, mapping.client, *lan)) return refusal;
    const PinholeKey key{std::nullopt, std::nullopt, mapping.client, mapping.port,
                         mapping.protocol};
    return refuses(PinholeRequest{key, Seconds{0}, mapping.client}, *lan);
}

/// The administrator's own win over a client's.
std::vector<PortMapper::Step> PortMapper::stepsTo(std::span<const Mapping> statics) const {
    std::vector<Step> steps;
    for (const Mapping& present : table_->all())
        if (present.origin == Origin::Static &&
            std::ranges::find(statics, present.key, &Mapping::key) == statics.end())
            steps.push_back({present, std::nullopt, "it is in the configuration no more"});
    for (const Mapping& wanted : statics) {
        const Mapping* const present = table_->find(wanted.key);
        if (present != nullptr && *present == wanted) continue;
        if (present != nullptr && present->origin != Origin::Static)
            steps.push_back({*present, std::nullopt, "the administrator maps that port"});
        const bool replaced = present != nullptr && present->origin == Origin::Static;
        steps.push_back({replaced ? std::optional{*present} : std::nullopt, wanted});
    }
    return steps;
}

Result<PolicyChange> PortMapper::changePolicy(Policy policy, std::span<const Mapping> statics,
                                              const Lans& lans, TimePoint now) {
    std::vector<Step> steps = stepsTo(statics);
    const std::size_t ofStatics = steps.size();
    const auto isTaken = [&](const Mapping& mapping) {
        return std::ranges::any_of(std::span{steps}.first(ofStatics),
                                   [&](const Step& step) { return step.key() == mapping.key; });
    };
    const Longest longest{
        std::max(policy.config().maxLease, parts_.defaultLease().value_or(Seconds{0})),
        policy.config().pcpMaxLease};
    PolicyChange change;
    for (const Mapping& mapping : table_->all()) {
        if (mapping.origin == Origin::Static || isTaken(mapping)) continue;
        if (const auto refused = policy.refuses(mapping, lans)) {
            steps.push_back({mapping, std::nullopt, causeOf(*refused)});
            ++change.ended;
        } else if (const auto shorter = shortened(mapping, longest, now)) {
            steps.push_back({mapping, *shorter});
            ++change.shortened;
        }
    }
    if (!commit(std::move(steps), now)) return fail(MappingError::Backend);
    policy_ = std::move(policy);
    return change;
}

/// UPnP's pinholes are left: no setting limits their lease when it is asked for (IGD-6FC-16).
Result<std::size_t> Pinholes::shortenMapped(TimePoint now) {
    const Seconds longest = policy_.config().pcpMaxLease;
    PinholeDelta delta;
    std::vector<Ipv6Mapping> shorter = mapped();
    std::erase_if(shorter, [&](Ipv6Mapping& mapping) {
        if (secondsUntil(mapping.expiresAt, now) <= longest) return true;
        std::ranges::move(rulesFor(mapping, now), std::back_inserter(delta.remove));
        mapping.expiresAt = now + longest;
        std::ranges::move(rulesFor(mapping, now), std::back_inserter(delta.add));
        return false;
    });
    if (shorter.empty()) return 0;
    if (!apply(delta, now)) return fail(MappingError::Backend);
    for (const Ipv6Mapping& mapping : shorter) {
        mapped_.insert_or_assign({mapping.client, mapping.port, mapping.protocol}, mapping);
        if (observer_ != nullptr) observer_->mappingStored(mapping);
    }
    return shorter.size();
}

Result<PolicyChange> Pinholes::changePolicy(Policy policy, const Lans& lans, TimePoint now) {
    std::string cause;
    const auto pinholes = notPermitted(all(), policy, lans, cause);
    const auto mapped = notPermitted(this->mapped(), policy, lans, cause);
    policy_ = std::move(policy);
    if (!drop(pinholes, cause, now) || !dropMapped(mapped, cause, now))
        return fail(MappingError::Backend);
    const auto shorter = shortenMapped(now);
    if (!shorter) return fail(MappingError::Backend);
    return PolicyChange{pinholes.size() + mapped.size(), *shorter};
}

}  // namespace igd
