// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/ruleset.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::inspect {
namespace {

std::string keyOf(Kind kind, std::string_view family, std::string_view table,
                  std::string_view name) {
    return fmt::format("{}{} {} {}", kind == Kind::Legacy ? "legacy " : "", family, table, name);
}

bool seesFamily(const Chain& chain, bool ipv6) {
    if (chain.family == "ip") return !ipv6;
    if (chain.family == "ip6") return ipv6;
    return chain.family == "inet" || chain.family == "netdev";
}

}  // namespace

void Chain::add(std::uint64_t ruleHandle, std::span<const Step> its,
                std::optional<std::string> comment) {
    Rule rule{.handle = ruleHandle,
              .number = static_cast<std::uint32_t>(rules.size() + 1),
              .firstStep = static_cast<std::uint32_t>(steps.size()),
              .steps = static_cast<std::uint32_t>(its.size())};
    steps.insert(steps.end(), its.begin(), its.end());
    if (comment) {
        rule.opening = static_cast<std::int32_t>(openings.size());
        openings.push_back(std::move(*comment));
    }
    rules.push_back(rule);
}

std::string nameOf(const Chain& chain) {
    if (chain.kind == Kind::Legacy && chain.family == "ip")
        return fmt::format("legacy {} {}", chain.table, chain.name);
    return keyOf(chain.kind, chain.family, chain.table, chain.name);
}

ChainId Ruleset::idOf(Kind kind, std::string_view family, std::string_view table,
                      std::string_view name) {
    const auto [place, isNew] =
        ids_.try_emplace(keyOf(kind, family, table, name), static_cast<ChainId>(chains.size()));
    if (isNew) {
        Chain& chain = chains.emplace_back();
        chain.family = family;
        chain.table = table;
        chain.name = name;
        chain.kind = kind;
    }
    return place->second;
}

std::optional<ChainId> Ruleset::find(Kind kind, std::string_view family, std::string_view table,
                                     std::string_view name) const {
    const auto found = ids_.find(keyOf(kind, family, table, name));
    return found == ids_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<ChainId> Ruleset::basesAt(Hook hook, bool ipv6) const {
    std::vector<ChainId> bases;
    for (ChainId id = 0; id < chains.size(); ++id)
        if (chains[id].base && chains[id].base->hook == hook && seesFamily(chains[id], ipv6))
            bases.push_back(id);
    std::ranges::stable_sort(bases, {}, [this](ChainId id) { return chains[id].base->priority; });
    return bases;
}

std::string Ruleset::describe(const Place& place) const {
    if (place.chain >= chains.size()) return "a chain that is not known";
    const Chain& chain = chains[place.chain];
    const std::string name = nameOf(chain);
    if (!place.rule || *place.rule >= chain.rules.size()) return name + " policy";
    return fmt::format("{} rule {}", name, chain.rules[*place.rule].number);
}

}  // namespace igd::inspect
