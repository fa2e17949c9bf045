// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include "upnpd/firewall/host_rules.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

namespace igd::ctl {
namespace {

struct Free {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

std::uint32_t valueOf(const sockaddr* address) {
    return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
}

Ipv6Address::Bytes bytesOf(const sockaddr* address) {
    Ipv6Address::Bytes bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr,
                bytes.size());
    return bytes;
}

/// The addresses of one interface, as the kernel lists them.
struct Addresses {
    std::vector<Ipv4Prefix> ipv4;
    std::vector<Ipv6Prefix> ipv6;
};

void add(Addresses& addresses, const ifaddrs& entry) {
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return;
    if (entry.ifa_addr->sa_family == AF_INET) {
        const auto length = static_cast<std::uint8_t>(std::popcount(valueOf(entry.ifa_netmask)));
        addresses.ipv4.push_back({Ipv4Address{valueOf(entry.ifa_addr)}, length});
    }
    if (entry.ifa_addr->sa_family == AF_INET6) {
        int length = 0;
        for (const std::uint8_t byte : bytesOf(entry.ifa_netmask)) length += std::popcount(byte);
        const Ipv6Address address{bytesOf(entry.ifa_addr)};
        if (address.isGlobal())
            addresses.ipv6.push_back({address, static_cast<std::uint8_t>(length)});
    }
}

std::map<std::string, Addresses> addressesOfAll() {
    ifaddrs* raw = nullptr;
    if (::getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, Free> list{raw};
    std::map<std::string, Addresses> found;
    for (const ifaddrs* entry = raw; entry != nullptr; entry = entry->ifa_next)
        add(found[entry->ifa_name], *entry);
    return found;
}

/// Returns whether that setting below /proc/sys is there and not 0.
bool isOn(const std::string& setting) {
    std::ifstream file{"/proc/sys/" + setting};
    int value = 0;
    return file >> value && value != 0;
}

bool isBridge(const InterfaceName& name) {
    return ::access(("/sys/class/net/" + name.text() + "/bridge").c_str(), F_OK) == 0;
}

void readRules(Facts& facts) {
    auto host = readHostRules();
    if (!host) {
        facts.notes.emplace_back("the firewall's rules can be judged by root only");
        return;
    }
    facts.notes = host->missing;
    const auto kept = std::make_shared<const HostRules>(std::move(*host));
    facts.rules = {kept, &kept->rules};
    facts.textOf = [kept](const inspect::Place& place) { return kept->textOf(place); };
}

}  // namespace

Facts lookAtHost(const InterfaceName& external, const std::vector<InterfaceName>& internal) {
    Facts facts{external};
    auto known = addressesOfAll();
    facts.externalIndex = ::if_nametoindex(external.text().c_str());
    if (const auto& own = known[external.text()].ipv4; !own.empty())
        facts.externalAddress = own.front().address;
    for (const InterfaceName& name : internal) {
        Facts::Internal& lan = facts.internal.emplace_back(
            Facts::Internal{.interface = name, .prefixes = known[name.text()].ipv4});
        lan.prefixes6 = known[name.text()].ipv6;
        lan.index = ::if_nametoindex(name.text().c_str());
        lan.isBridge = isBridge(name);
    }
    facts.forwards = isOn("net/ipv4/ip_forward");
    facts.forwards6 = isOn("net/ipv6/conf/all/forwarding");
    facts.filtersBridges = isOn("net/bridge/bridge-nf-call-iptables");
    readRules(facts);
    return facts;
}

}  // namespace igd::ctl
