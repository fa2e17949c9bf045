// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/rich_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace igd::firewall {
namespace {

constexpr std::uint8_t kIpv6Length = 128;

/// Returns the condition with a space behind it; empty: any host. nullopt: there are no words.
std::optional<std::string> sourceOf(const PeerFilter& filter, bool ipv6) {
    if (filter.port != Port{0}) return std::nullopt;
    const auto ipv4 = ipv4Part(filter);
    if (ipv6 ? filter.remote.length == 0 : ipv4 && ipv4->length == 0) return "";
    if (!ipv6 && !ipv4) return std::nullopt;
    const PeerFilter network = masked(filter);
    return fmt::format(R"(source address="{}" )",
                       ipv6 ? toString(network.remote) : toString(*ipv4Part(network)));
}

std::string acceptOf(const Rule& rule, const std::string& source) {
    const Ipv6Prefix host{std::get<Ipv6Address>(rule.internal.address), kIpv6Length};
    const std::string element =
        rule.internal.port == Port{0}
            ? fmt::format(R"(protocol value="{}")", lowerName(rule.protocol))
            : fmt::format(R"(port port="{}" protocol="{}")", toString(rule.internalPorts()),
                          lowerName(rule.protocol));
    return fmt::format(R"(rule family="ipv6" {}destination address="{}" {} accept)", source,
                       toString(host), element);
}

std::string forwardOf(const Rule& rule, const std::string& source) {
    return fmt::format(
        R"(rule family="ipv4" {}forward-port port="{}" protocol="{}" to-port="{}" to-addr="{}")",
        source, toString(rule.externalPorts()), lowerName(rule.protocol),
        toString(rule.internalPorts()), toString(rule.internal.address));
}

std::vector<PeerFilter> filtersOf(const Rule& rule) {
    return rule.remote ? std::vector{*rule.remote} : rule.filters;
}

}  // namespace

std::vector<std::string> richRulesOf(const Rule& rule) {
    const bool ipv6 = rule.isIpv6();
    if (rule.isSet() && !ipv6 && rule.movesPorts()) {
        std::vector<std::string> all;
        for (const Rule& port : portByPort(rule))
            std::ranges::move(richRulesOf(port), std::back_inserter(all));
        return all;
    }
    const auto textOf = ipv6 ? acceptOf : forwardOf;
    if (!ipv6 && (rule.externalPort == Port{0} || rule.internal.port == Port{0})) return {};
    const std::vector<PeerFilter> filters = filtersOf(rule);
    if (filters.empty()) return {textOf(rule, "")};
    std::vector<std::string> texts;
    for (const PeerFilter& filter : filters) {
        const auto source = sourceOf(filter, ipv6);
        if (!source) return {};
        texts.push_back(textOf(rule, *source));
    }
    return texts;
}

}  // namespace igd::firewall
