// SPDX-License-Identifier: GPL-2.0-or-later
#include "source_ports.h"

#include "upnpd/util/text.h"

#include <algorithm>

namespace igd::ctl {
namespace {

bool translatesSources(const inspect::Chain& chain, const inspect::Rule& rule) {
    return std::ranges::any_of(chain.stepsOf(rule), [](const inspect::Step& step) {
        const auto* const translation = std::get_if<inspect::Translation>(&step);
        return translation != nullptr && (translation->kind == inspect::Translating::Source ||
                                          translation->kind == inspect::Translating::Masquerade);
    });
}

std::vector<PortRange> joined(std::vector<PortRange> ranges) {
    std::ranges::sort(ranges);
    std::vector<PortRange> all;
    for (const PortRange& each : ranges) {
        if (!all.empty() && each.first.value <= all.back().last.value + 1U)
            all.back().last = std::max(all.back().last, each.last);
        else
            all.push_back(each);
    }
    return all;
}

}  // namespace

std::optional<PortRange> sourcePortsIn(std::string_view rule) {
    const auto parts = words(rule);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        const bool isNft =
            parts[i] == "to" && i > 0 &&
            (parts[i - 1] == "masquerade" || parts[i - 1] == "snat" || parts[i - 1] == "ip");
        if (!isNft && parts[i] != "--to-ports" && parts[i] != "--to-source") continue;
        const std::string_view target = parts[i + 1];
        const auto colon = target.rfind(':');
        if (colon == std::string_view::npos && parts[i] != "--to-ports") return std::nullopt;
        return parsePortRange(colon == std::string_view::npos ? target : target.substr(colon + 1));
    }
    return std::nullopt;
}

std::vector<PortRange> sourcePorts(const Facts& facts) {
    std::vector<PortRange> found;
    if (!facts.rules || !facts.textOf) return found;
    const auto& chains = facts.rules->chains;
    for (inspect::ChainId id = 0; id < chains.size(); ++id) {
        const inspect::Chain& chain = chains[id];
        if (chain.own || chain.family == "ip6") continue;
        for (std::uint32_t i = 0; i < chain.rules.size(); ++i)
            if (translatesSources(chain, chain.rules[i]))
                if (const auto ports = sourcePortsIn(facts.textOf({id, i})))
                    found.push_back(*ports);
    }
    return joined(std::move(found));
}

}  // namespace igd::ctl
