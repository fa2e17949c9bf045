// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/path.h"

#include <bit>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace igd::firewall {
namespace {

struct Free {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};
using Addresses = std::unique_ptr<ifaddrs, Free>;

/// For an interface that has none yet: 192.168.1.1/24, and a network of the Internet.
constexpr Ipv4Address kUsual{0xc0a80101};
constexpr std::uint8_t kUsualLength = 24;
constexpr Ipv4Address kUsualOutside{0x55d4b3a1};
constexpr Ipv6Address kUsual6{{0x2a, 0x02, 0x3a, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr std::uint8_t kUsualLength6 = 64;

Addresses addresses() {
    ifaddrs* list = nullptr;
    return Addresses{::getifaddrs(&list) == 0 ? list : nullptr};
}

Ipv6Address addressIn(const sockaddr* address) {
    Ipv6Address::Bytes bytes{};
    const auto* const ipv6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::copy_n(ipv6->sin6_addr.s6_addr, bytes.size(), bytes.begin());
    return Ipv6Address{bytes};
}

std::uint32_t valueIn(const sockaddr* address) {
    return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
}

std::uint8_t lengthOf(const Ipv6Address& mask) {
    int length = 0;
    for (const std::uint8_t octet : mask.bytes()) length += std::popcount(octet);
    return static_cast<std::uint8_t>(length);
}

/// Returns the network of one address of that family; nullopt: hosts elsewhere do not reach it.
std::optional<inspect::Lan> lanOf(const ifaddrs& entry, const InterfaceName& name, bool ipv6) {
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr ||
        entry.ifa_addr->sa_family != (ipv6 ? AF_INET6 : AF_INET))
        return std::nullopt;
    const std::uint32_t index = ::if_nametoindex(name.text().c_str());
    if (!ipv6)
        return inspect::Lan{name, index, Ipv4Address{valueIn(entry.ifa_addr)},
                            static_cast<std::uint8_t>(std::popcount(valueIn(entry.ifa_netmask)))};
    const Ipv6Address address = addressIn(entry.ifa_addr);
    if (!address.isGlobal()) return std::nullopt;
    return inspect::Lan{name, index, address, lengthOf(addressIn(entry.ifa_netmask))};
}

void addLans(std::vector<inspect::Lan>& lans, const InterfaceName& name, bool ipv6,
             const ifaddrs* list) {
    const std::size_t before = lans.size();
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next)
        if (name.text() == entry->ifa_name)
            if (auto lan = lanOf(*entry, name, ipv6)) lans.push_back(std::move(*lan));
    if (lans.size() > before) return;
    const std::uint32_t index = ::if_nametoindex(name.text().c_str());
    if (ipv6)
        lans.push_back({name, index, kUsual6, kUsualLength6});
    else
        lans.push_back({name, index, kUsual, kUsualLength});
}

}  // namespace

std::vector<inspect::Path> pathsOf(const FirewallConfig& config, const Family& family,
                                   std::span<const Ipv4Address> externalAddresses) {
    std::vector<UplinkSide> outside = family.translates ? config.uplinks : pinholeUplinks(config);
    if (outside.empty())
        outside.push_back({family.translates ? config.external : config.external6,
                           {externalAddresses.begin(), externalAddresses.end()}});
    const Addresses list = addresses();
    std::vector<inspect::Path> paths;
    for (const UplinkSide& each : outside) {
        paths.push_back(
            {.ipv6 = !family.translates,
             .external = each.interface,
             .externalIndex = ::if_nametoindex(each.interface.text().c_str()),
             .externalAddress = each.addresses.empty() ? kUsualOutside : each.addresses.front(),
             .lans = {}});
        for (const InterfaceName& name : config.internal)
            addLans(paths.back().lans, name, paths.back().ipv6, list.get());
    }
    return paths;
}

}  // namespace igd::firewall
