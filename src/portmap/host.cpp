// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/host.h"

#include "upnpd/portmap/peer_filter.h"

namespace igd {
namespace {

constexpr std::uint8_t kAccountBits = 64;

}  // namespace

bool isSameHost(const Host& a, const Host& b) {
    return a.address == b.address || (a.mac && a.mac == b.mac);
}

Account accountOf(const Host& host) {
    if (host.mac) return *host.mac;
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&host.address)) return *ipv4;
    return masked({{std::get<Ipv6Address>(host.address), kAccountBits}, Port{0}}).remote;
}

std::string toString(const Account& account) {
    return std::visit([](const auto& key) { return toString(key); }, account);
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
