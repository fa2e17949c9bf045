// SPDX-License-Identifier: GPL-2.0-or-later
#include "values.h"

#include "upnpd/util/parse.h"

#include <algorithm>
#include <array>
#include <utility>

namespace igd::inspect {
namespace {

bool fits(const std::string& name, const std::string& pattern) {
    if (!pattern.ends_with('*')) return name == pattern;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

Truth isWithin(const Value& value, const Interval& interval) {
    if (const auto* const name = std::get_if<std::string>(&value)) {
        const auto* const pattern = std::get_if<std::string>(&interval.first);
        return pattern == nullptr ? Truth::Unknown : truthOf(fits(*name, *pattern));
    }
    const auto* const number = std::get_if<std::uint64_t>(&value);
    const auto* const first = std::get_if<std::uint64_t>(&interval.first);
    const auto* const last = std::get_if<std::uint64_t>(&interval.last);
    if (number == nullptr || first == nullptr || last == nullptr) return Truth::Unknown;
    return truthOf(*first <= *number && *number <= *last);
}

Truth isElement(const Tuple& tuple, const Element& element) {
    if (tuple.size() != element.size()) return Truth::Unknown;
    Truth result = Truth::Yes;
    for (std::size_t i = 0; i < tuple.size(); ++i)
        result = both(result, isWithin(tuple[i], element[i]));
    return result;
}

Truth isAmong(const Tuple& tuple, const std::vector<Element>& elements) {
    Truth result = Truth::No;
    for (const Element& element : elements) {
        result = either(result, isElement(tuple, element));
        if (result == Truth::Yes) break;
    }
    return result;
}

std::optional<Interval> addressInterval(std::string_view text) {
    // iptables prints masks that are no prefix as addresses; they are rare and not judged.
    const auto prefix = parseIpv4Prefix(text);
    if (!prefix) return std::nullopt;
    return Interval{std::uint64_t{prefix->network().value()},
                    std::uint64_t{prefix->network().value() | ~prefix->mask()}};
}

std::optional<std::uint64_t> protocolNumber(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::uint64_t>, 12> kNames{
        {{"icmp", 1},
         {"igmp", 2},
         {"ipencap", 4},
         {"tcp", 6},
         {"udp", 17},
         {"dccp", 33},
         {"gre", 47},
         {"esp", 50},
         {"ah", 51},
         {"sctp", 132},
         {"udplite", 136},
         {"ipv6-icmp", 58}}};
    if (const auto number = parseUnsigned<std::uint8_t>(text)) return *number;
    const auto named =
        std::ranges::find(kNames, text, &std::pair<std::string_view, std::uint64_t>::first);
    return named == kNames.end() ? std::nullopt : std::optional{named->second};
}

}  // namespace igd::inspect
