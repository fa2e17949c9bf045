// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include "upnpd/firewall/ruleset_text.h"

#include <bit>
#include <fstream>
#include <map>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace igd::ctl {
namespace {

struct Free {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

std::uint32_t valueOf(const sockaddr* address) {
    return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
}

/// Returns the IPv4 addresses of each interface, as the kernel lists them.
std::map<std::string, std::vector<Ipv4Prefix>> addresses() {
    ifaddrs* raw = nullptr;
    if (::getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, Free> list{raw};
    std::map<std::string, std::vector<Ipv4Prefix>> found;
    for (const ifaddrs* entry = raw; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET ||
            entry->ifa_netmask == nullptr)
            continue;
        const auto length = static_cast<std::uint8_t>(std::popcount(valueOf(entry->ifa_netmask)));
        found[entry->ifa_name].push_back({Ipv4Address{valueOf(entry->ifa_addr)}, length});
    }
    return found;
}

bool ipForward() {
    std::ifstream file{"/proc/sys/net/ipv4/ip_forward"};
    int value = 0;
    return file >> value && value != 0;
}

void add(Facts& facts, const std::optional<std::string>& save, inspect::IptablesKind kind) {
    if (!save || !facts.rules) return;
    if (const auto added = facts.rules->addIptables(*save, kind); !added)
        facts.notes.push_back(added.error());
}

void readRules(Facts& facts) {
    const auto texts = readRulesets();
    if (!texts) {
        facts.notes.emplace_back("the firewall's rules can be judged by root only");
        return;
    }
    facts.notes = texts->missing;
    auto rules = texts->nftJson.empty() ? inspect::Ruleset{}
                                        : inspect::Ruleset::fromNft(texts->nftJson, texts->nftText);
    if (!rules) {
        facts.notes.push_back(rules.error());
        return;
    }
    facts.rules = std::move(*rules);
    add(facts, texts->iptablesNft, inspect::IptablesKind::Nft);
    add(facts, texts->legacy, inspect::IptablesKind::Legacy);
    bool legacy = false;
    bool nft = false;
    for (const auto& [name, chain] : facts.rules->chains) {
        const bool used = !chain.rules.empty() || (chain.base && chain.base->policyDrop);
        if (name.starts_with("legacy "))
            legacy = legacy || used;
        else if (!name.starts_with("inet upnpd "))
            nft = nft || used;
    }
    facts.bothFirewalls = legacy && nft;
}

}  // namespace

Facts lookAtHost(const InterfaceName& external, const std::vector<InterfaceName>& internal) {
    Facts facts{external};
    const auto known = addresses();
    const auto addressesOf = [&](const InterfaceName& name) {
        const auto found = known.find(name.text());
        return found == known.end() ? std::vector<Ipv4Prefix>{} : found->second;
    };
    facts.externalExists = ::if_nametoindex(external.text().c_str()) != 0;
    if (const auto own = addressesOf(external); !own.empty())
        facts.externalAddress = own.front().address;
    for (const InterfaceName& name : internal)
        facts.internal.push_back({name, addressesOf(name), std::nullopt, {}});
    facts.forwards = ipForward();
    readRules(facts);
    return facts;
}

}  // namespace igd::ctl
