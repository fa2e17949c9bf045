// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/host.h"

#include "upnpd/portmap/peer_filter.h"

#include <algorithm>

namespace igd {
namespace {

constexpr std::uint8_t kAccountBits = 64;

}  // namespace

bool isSameHost(const Host& a, const Host& b) {
    return a.address == b.address || (a.mac && a.mac == b.mac);
}

Host overIpv4(const Host& host, Ipv4Address claimed) {
    if (std::holds_alternative<Ipv4Address>(host.address) || host.ipv4.empty()) return host;
    const bool isOwn = std::ranges::find(host.ipv4, claimed) != host.ipv4.end();
    return {.address = isOwn ? claimed : host.ipv4.front(), .mac = host.mac};
}

Account accountOf(const Host& host) {
    return hostKeyOf(host.address, host.mac);
}

std::optional<Account> parseAccount(std::string_view text) {
    if (const auto mac = parseMacAddress(text)) return *mac;
    if (const auto ipv4 = parseIpv4Address(text)) return *ipv4;
    const auto prefix = parsePeerFilter(text);
    if (!prefix || prefix->port != Port{0} || prefix->remote.length != kAccountBits)
        return std::nullopt;
    return prefix->remote;
}

}  // namespace igd
