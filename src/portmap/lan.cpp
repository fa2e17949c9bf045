// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/lan.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

template <class Prefix, class Address>
bool anyContains(const std::vector<Prefix>& prefixes, const Address& address) {
    return std::ranges::any_of(prefixes,
                               [&](const Prefix& prefix) { return prefix.contains(address); });
}

}  // namespace

IpAddress Lan::first() const {
    if (!addresses.empty()) return addresses.front().address;
    return addresses6.front().address;
}

bool Lan::isOnLink(const IpAddress& address) const {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address))
        return anyContains(addresses, *ipv4);
    const auto& ipv6 = std::get<Ipv6Address>(address);
    return ipv6.isLinkLocal() || anyContains(addresses6, ipv6);
}

bool Lan::contains(const IpAddress& address) const {
    if (isOnLink(address)) return true;
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address))
        return anyContains(routed, *ipv4);
    return anyContains(routed6, std::get<Ipv6Address>(address));
}

bool Lan::isRouter(const IpAddress& address) const {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address))
        return std::ranges::find(addresses, *ipv4, &Ipv4Prefix::address) != addresses.end();
    return std::ranges::find(addresses6, std::get<Ipv6Address>(address), &Ipv6Prefix::address) !=
           addresses6.end();
}

bool Lan::isHost(const IpAddress& address) const {
    if (!contains(address) || isRouter(address)) return false;
    const auto* const ipv4 = std::get_if<Ipv4Address>(&address);
    if (ipv4 == nullptr) return true;
    const auto hasHost = [&](const Ipv4Prefix& prefix) { return prefix.isHost(*ipv4); };
    return std::ranges::any_of(addresses, hasHost) || std::ranges::any_of(routed, hasHost);
}

std::string Lan::describe() const {
    std::string text;
    for (const Ipv4Prefix& prefix : addresses)
        text += (text.empty() ? "" : ", ") + toString(prefix);
    for (const Ipv6Prefix& prefix : addresses6)
        text += (text.empty() ? "" : ", ") + toString(prefix);
    return text;
}

const Lan* Lans::of(const IpAddress& host) const {
    const auto lan =
        std::ranges::find_if(present, [&](const Lan& each) { return each.contains(host); });
    return lan == present.end() ? nullptr : &*lan;
}

}  // namespace igd
