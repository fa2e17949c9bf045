// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/ip_endpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {

std::string toString(const IpEndpoint& endpoint) {
    return fmt::format("{}:{}", urlHost(endpoint.address), endpoint.port.value);
}

std::optional<IpEndpoint> parseAuthority(std::string_view text, Port defaultPort) {
    const bool isSix = text.starts_with('[');
    const auto end = isSix ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) return std::nullopt;
    std::optional<IpAddress> address;
    if (isSix) {
        const auto six = parseIpv6Address(text.substr(1, end - 1));
        if (six && !six->mapped()) address = *six;
    } else if (const auto four = parseIpv4Address(text.substr(0, end))) {
        address = *four;
    }
    const auto rest = text.substr(isSix ? end + 1 : end);
    if (!address) return std::nullopt;
    if (rest.empty()) return IpEndpoint{*address, defaultPort};
    const auto port = rest.starts_with(':') ? parsePort(rest.substr(1)) : std::nullopt;
    if (!port) return std::nullopt;
    return IpEndpoint{*address, *port};
}

}  // namespace igd
