// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/uplink_chooser.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

bool hasAddress(const HostInterface& interface, bool ipv6) {
    return ipv6 ? !interface.addresses6.empty() : !interface.addresses.empty();
}

}  // namespace

/// Returns the best first.
std::vector<UplinkChooser::Candidate> UplinkChooser::candidatesOf(
    const std::vector<InterfaceName>& names, const HostFacts& host) const {
    const auto& routes = ipv6_ ? host.defaultRoutes6 : host.defaultRoutes;
    std::vector<Candidate> candidates;
    for (const InterfaceName& name : names) {
        const HostInterface* const found = host.find(name);
        if (found == nullptr || !found->running || !hasAddress(*found, ipv6_)) continue;
        const auto route = std::ranges::find(routes, name, &HostFacts::DefaultRoute::interface);
        const bool routed = route != routes.end();
        candidates.push_back({name, routed, routed ? route->metric : 0});
    }
    if (std::ranges::any_of(candidates, &Candidate::routed))
        std::erase_if(candidates, [](const Candidate& each) { return !each.routed; });
    std::ranges::stable_sort(candidates, {}, &Candidate::metric);
    return candidates;
}

/// Notes since when each is a candidate.
void UplinkChooser::note(const std::vector<InterfaceName>& names,
                         const std::vector<Candidate>& candidates, TimePoint now) {
    std::erase_if(since_, [&](const auto& entry) {
        return std::ranges::find(names, entry.first) == names.end();
    });
    for (const InterfaceName& name : names) {
        const auto [place, isNew] = since_.try_emplace(name);
        auto& since = place->second;
        if (std::ranges::find(candidates, name, &Candidate::name) == candidates.end())
            since.reset();
        else if (!since)
            since = isNew ? TimePoint::min() : now;
    }
}

bool UplinkChooser::hasSettled(const InterfaceName& name, TimePoint now) const {
    const auto& since = since_.at(name);
    return since && (*since == TimePoint::min() || now - *since >= kUplinkHold);
}

std::string UplinkChooser::whyNot(const InterfaceName& before, const HostFacts& host) const {
    const HostInterface* const found = host.find(before);
    const std::string& name = before.text();
    if (found == nullptr) return fmt::format("{} does not exist any more", name);
    if (!found->running) return fmt::format("{} is down", name);
    if (!hasAddress(*found, ipv6_))
        return fmt::format("{} has no {} address", name, ipv6_ ? "IPv6" : "IPv4");
    return fmt::format("no default route leaves by {}", name);
}

InterfaceName UplinkChooser::choose(const std::vector<InterfaceName>& names,
                                    const InterfaceName& before, const HostFacts& host,
                                    TimePoint now) {
    const auto candidates = candidatesOf(names, host);
    note(names, candidates, now);
    lookAgainAt_.reset();
    const bool isNamed = std::ranges::find(names, before) != names.end();
    why_ = isNamed ? whyNot(before, host) : "the configuration names others";
    if (candidates.empty()) return isNamed ? before : names.front();

    const auto settled = std::ranges::find_if(
        candidates, [&](const Candidate& each) { return hasSettled(each.name, now); });
    const auto last = std::ranges::find(candidates, before, &Candidate::name);
    const bool lasts = last != candidates.end();
    // The one in use need not settle.
    const auto chosen = lasts                         ? std::min(settled, last)
                        : settled != candidates.end() ? settled
                                                      : candidates.begin();
    for (auto better = candidates.begin(); better != chosen; ++better) {
        const TimePoint settles = *since_.at(better->name) + kUplinkHold;
        lookAgainAt_ = std::min(lookAgainAt_.value_or(settles), settles);
    }
    if (lasts) why_ = fmt::format("{} is preferred, and is up", chosen->name.text());
    return chosen->name;
}

}  // namespace igd
