// SPDX-License-Identifier: GPL-2.0-or-later
#include "slow_facts.h"

#include "upnpd/firewall/host_rules.h"
#include "upnpd/system/host_probe.h"
#include "upnpd/util/time.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>

namespace igd::ctl {
namespace {

/// With a client that does not answer. The kernel asks once a second.
constexpr auto kPatience = std::chrono::milliseconds{1200};
constexpr std::size_t kMostClients = 256;

void readRules(Facts& facts) {
    auto host = readHostRules();
    if (!host) {
        facts.notes.emplace_back("the firewall's rules can be judged by root only");
        return;
    }
    std::ranges::copy(host->missing, std::back_inserter(facts.notes));
    const auto kept = std::make_shared<const HostRules>(std::move(*host));
    facts.rules = {kept, &kept->rules};
    facts.textOf = [kept](const inspect::Place& place) { return kept->textOf(place); };
}

std::optional<IpAddress> clientOf(const Json& opening) {
    const std::string text = opening.value("internal_address", "");
    if (const auto six = parseIpv6Address(text)) return *six;
    if (const auto four = parseIpv4Address(text)) return *four;
    return std::nullopt;
}

/// A client behind another router is nobody's neighbour here.
std::optional<Neighbour> neighbourOf(const Facts& facts, const IpAddress& client) {
    for (const auto& internal : facts.internal) {
        const Lan lan = lanOf(internal.interface, internal.state);
        if (lan.isRouter(client)) return std::nullopt;
        if (lan.isOnLink(client)) return Neighbour{internal.interface, client};
    }
    return std::nullopt;
}

std::vector<Neighbour> clientsOf(const Facts& facts) {
    std::vector<Neighbour> clients;
    for (const auto* const list : {&facts.mappings, &facts.pinholes})
        for (const Json& opening : *list) {
            const auto client = clientOf(opening);
            const auto neighbour = client ? neighbourOf(facts, *client) : std::nullopt;
            if (neighbour && clients.size() < kMostClients) clients.push_back(*neighbour);
        }
    return clients;
}

}  // namespace

void addSlowFacts(Facts& facts) {
    const HostProbe probe{clientsOf(facts)};
    const TimePoint end = Clock::now() + kPatience;
    readRules(facts);
    for (const Neighbour& each : probe.silent(end)) facts.silent.insert(each.address);
}

}  // namespace igd::ctl
