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
