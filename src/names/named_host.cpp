// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/named_host.h"

#include "upnpd/portmap/opening_row.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd {
namespace {

constexpr std::string_view kNone = "-";

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<NamedHost> hostIn(std::string_view line) {
    const auto parts = words(line);
    if (parts.size() != 3) return std::nullopt;
    const auto address = parseIpAddress(parts[0]);
    const auto mac = parseMacAddress(parts[1]);
    if (!address || (!mac && parts[1] != kNone)) return std::nullopt;
    return NamedHost{*address, mac, cleanHostName(parts[2])};
}

}  // namespace

std::string cleanHostName(std::string_view text) {
    std::string name;
    for (const char c : text) {
        if (name.size() == kMaxHostName) break;
        const bool isMark = c == '.' || c == '_' || c == '-';
        if (isLetterOrDigit(c) || (isMark && !name.empty())) name += c;
    }
    while (!name.empty() && name.back() == '.') name.pop_back();
    if (parseIpAddress(name) || parseMacAddress(name)) return "";
    return name;
}

std::string lineOf(const NamedHost& host) {
    return fmt::format("{} {} {}\n", toString(host.address), host.mac ? toString(*host.mac) : kNone,
                       host.name.empty() ? kNone : host.name);
}

std::vector<NamedHost> namedHostsIn(std::span<const std::uint8_t> lines) {
    std::string_view rest{reinterpret_cast<const char*>(lines.data()), lines.size()};
    std::vector<NamedHost> hosts;
    while (!rest.empty() && hosts.size() < kMaxNamedHosts) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (auto host = hostIn(rest.substr(0, end))) hosts.push_back(std::move(*host));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return hosts;
}

}  // namespace igd
