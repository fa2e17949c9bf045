// SPDX-License-Identifier: GPL-2.0-or-later
#include "word_values.h"

#include "upnpd/net/mac_address.h"
#include "upnpd/util/parse.h"

#include <algorithm>
#include <chrono>

namespace igd::ctl {
namespace {

constexpr std::size_t kLongestName = 253;  // of the DNS
constexpr std::size_t kMacLength = 17;
constexpr auto kLongest = std::chrono::hours{24} * 365;

/// Reads ":5000", or nothing for a protocol without ports.
std::optional<Port> parseTargetPort(Protocol protocol, std::string_view text) {
    if (!hasPorts(protocol)) return text.empty() ? std::optional{Port{0}} : std::nullopt;
    return text.starts_with(':') ? parsePort(text.substr(1)) : std::nullopt;
}

bool isName(std::string_view text) {
    const auto isAllowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    };
    const bool isNumber =
        std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return !text.empty() && text.size() <= kLongestName && text.front() != '-' && !isNumber &&
           std::ranges::all_of(text, isAllowed);
}

/// Returns the place where the port's colon is, or the end.
std::size_t endOfHost(std::string_view text) {
    if (text.starts_with('[')) return std::min(text.find(']'), text.size() - 1) + 1;
    if (text.size() >= kMacLength && parseMacAddress(text.substr(0, kMacLength))) return kMacLength;
    if (std::ranges::count(text, ':') == 1) return text.find(':');
    return text.size();
}

}  // namespace

std::optional<MappingKey> parseKey(std::string_view text) {
    const auto part = text.find_first_of(":/");
    if (part == std::string_view::npos) return std::nullopt;
    const std::string_view first = text.substr(0, part);
    const std::string_view second = text.substr(part + 1);
    const bool protocolFirst = parseProtocol(first).has_value();
    const auto protocol = parseProtocol(protocolFirst ? first : second);
    const auto port = parsePort(protocolFirst ? second : first);
    if (!protocol || !port) return std::nullopt;
    return MappingKey{*protocol, *port};
}

std::optional<PinholeTarget> parseTarget(std::string_view text) {
    const auto open = text.find('[');
    const auto close = text.find(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    const auto client = parseIpv6Address(text.substr(open + 1, close - open - 1));
    const std::string_view before = text.substr(0, open);
    const std::string_view behind = text.substr(close + 1);
    const auto slash = behind.find('/');
    const bool isBehind = before.empty() && slash != std::string_view::npos;
    if (!isBehind && !before.ends_with(':')) return std::nullopt;
    const auto protocol =
        parseAnyProtocol(isBehind ? behind.substr(slash + 1) : before.substr(0, open - 1));
    if (!protocol || !client) return std::nullopt;
    const auto port = parseTargetPort(*protocol, isBehind ? behind.substr(0, slash) : behind);
    return port ? std::optional{PinholeTarget{*protocol, *client, *port}} : std::nullopt;
}

std::optional<Seconds> parseTime(std::string_view text) {
    Seconds unit{1};
    if (text.ends_with('m')) unit = std::chrono::minutes{1};
    if (text.ends_with('h')) unit = std::chrono::hours{1};
    if (text.ends_with('d')) unit = std::chrono::hours{24};
    if (!text.empty() && std::string_view{"smhd"}.find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    const auto number = parseUnsigned<std::uint32_t>(text);
    if (!number || *number == 0 || *number > kLongest / unit) return std::nullopt;
    return *number * unit;
}

std::optional<std::string> parseHost(std::string_view text) {
    if (!parseIpAddress(text) && !parseMacAddress(text) && !isName(text)) return std::nullopt;
    return std::string{text};
}

std::optional<HostWord> parseHostWord(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const std::size_t end = endOfHost(text);
    std::string_view host = text.substr(0, end);
    const std::string_view behind = text.substr(end);
    const bool isBracketed = host.starts_with('[');
    if (isBracketed && !host.ends_with(']')) return std::nullopt;
    if (isBracketed) host = host.substr(1, host.size() - 2);
    const auto read = parseHost(host);
    if (!read || (isBracketed && !parseIpv6Address(host))) return std::nullopt;
    if (behind.empty()) return HostWord{*read};
    const auto port = behind.starts_with(':') ? parsePort(behind.substr(1)) : std::nullopt;
    return port ? std::optional{HostWord{*read, port}} : std::nullopt;
}

}  // namespace igd::ctl
