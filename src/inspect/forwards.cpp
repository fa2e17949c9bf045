// SPDX-License-Identifier: GPL-2.0-or-later
// The conditions of a rule are functions of a packet, so ports are tried out, and not all 65535 of
// them. Rules tell two neighbouring ports apart only where the number of one of them is written in
// a rule:
//
//     tcp dport { 80, 8000-8010 } dnat to 192.168.1.5
//
// Between 81 and 7999 nothing changes. One port of each stretch (1, 80, 81, 8000, 8001, 8010, 8011)
// speaks for all of it, and stretches that one rule leads elsewhere become one range again.
#include "upnpd/inspect/forwards.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>

namespace igd::inspect {
namespace {

constexpr std::size_t kMostLooks = 1'000'000;  // at rules: a tenth of a second
constexpr std::uint16_t kLastPort = std::numeric_limits<std::uint16_t>::max();
/// 198.51.100.1 (TEST-NET-2), for any host of the Internet: no rule is about it alone.
constexpr Endpoint kSomebody{Ipv4Address{0xc6336401}, Port{50000}};

bool isDigit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Adds each number in `text` that may be a port, and its successor. A part of an address is none.
void addStarts(std::set<std::uint16_t>& starts, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!isDigit(text[at])) continue;
        const std::size_t begin = at;
        while (at < text.size() && isDigit(text[at])) ++at;
        const bool dotted =
            (begin > 0 && text[begin - 1] == '.') || (at < text.size() && text[at] == '.');
        const auto port = parseUnsigned<std::uint16_t>(text.substr(begin, at - begin));
        if (dotted || !port) continue;
        starts.insert(*port);
        if (*port < kLastPort) starts.insert(static_cast<std::uint16_t>(*port + 1));
    }
}

std::vector<std::uint16_t> startsOf(const Ruleset& rules) {
    std::set<std::uint16_t> starts{1};
    for (const auto& [name, chain] : rules.chains)
        for (const Rule& rule : chain.rules) addStarts(starts, rule.text);
    starts.erase(0);
    return {starts.begin(), starts.end()};
}

std::size_t sizeOf(const Ruleset& rules) {
    std::size_t size = 0;
    for (const auto& [name, chain] : rules.chains) size += chain.rules.size();
    return size;
}

/// Adds `forward`, or joins it to its neighbour of the same rule. Without a rule it is none.
void add(std::vector<Forward>& forwards, Forward forward) {
    if (forward.rule.empty()) return;
    const bool joins = !forwards.empty() && forwards.back().protocol == forward.protocol &&
                       forwards.back().rule == forward.rule &&
                       forwards.back().ports.last.value + 1 == forward.ports.first.value;
    if (joins)
        forwards.back().ports.last = forward.ports.last;
    else
        forwards.push_back(std::move(forward));
}

}  // namespace

Ruleset natOf(const Ruleset& rules) {
    const auto tableOf = [](const std::string& name) { return name.substr(0, name.rfind(' ')); };
    const auto isBase = [](const Chain& chain) {
        return chain.base && chain.base->translates && chain.base->hook == Hook::Prerouting;
    };
    std::set<std::string> tables;
    for (const auto& [name, chain] : rules.chains)
        if (isBase(chain)) tables.insert(tableOf(name));
    Ruleset nat;
    for (const auto& [name, chain] : rules.chains)
        if (isBase(chain) || (!chain.base && tables.contains(tableOf(name))))
            nat.chains.emplace(name, chain);
    return nat;
}

std::optional<std::vector<Forward>> forwardsOf(const Ruleset& rules, const InterfaceName& external,
                                               std::span<const Ipv4Address> addresses) {
    const Ruleset nat = natOf(rules);
    const std::vector<std::uint16_t> starts = startsOf(nat);
    const std::vector<Ipv4Address> to = addresses.empty()
                                            ? std::vector{Ipv4Address{}}
                                            : std::vector(addresses.begin(), addresses.end());
    if (starts.size() * to.size() * sizeOf(nat) > kMostLooks) return std::nullopt;
    const auto ruleFor = [&](Protocol protocol, Port port) -> std::string {
        for (const Ipv4Address address : to) {
            const Finding finding =
                judgeLead(nat, {external, address, kSomebody, protocol, port, std::nullopt});
            if (finding.fate == Fate::Stopped)
                return fmt::format("{}: {}", finding.where, finding.text);
        }
        return {};
    };
    std::vector<Forward> forwards;
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const PortRange stretch{
                Port{starts[i]},
                Port{i + 1 < starts.size() ? static_cast<std::uint16_t>(starts[i + 1] - 1)
                                           : kLastPort}};
            add(forwards, {protocol, stretch, ruleFor(protocol, stretch.first)});
        }
    return forwards;
}

}  // namespace igd::inspect
