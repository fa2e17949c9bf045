// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include "upnpd/system/host_probe.h"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include <unistd.h>

namespace igd::ctl {
namespace {

/// Returns the number in that file below /proc/sys.
std::uint64_t setting(const std::string& name, std::uint64_t otherwise = 0) {
    std::ifstream file{"/proc/sys/" + name};
    std::uint64_t value = 0;
    return file >> value ? value : otherwise;
}

/// The kernel takes the greater of both.
int reversePathFilter(const InterfaceName& interface) {
    const auto of = [](const std::string& name) {
        return setting("net/ipv4/conf/" + name + "/rp_filter");
    };
    return static_cast<int>(std::max(of("all"), of(interface.text())));
}

bool isBridge(const InterfaceName& name) {
    return ::access(("/sys/class/net/" + name.text() + "/bridge").c_str(), F_OK) == 0;
}

/// A router without a clock of its own starts in 1970.
bool clockIsBehind() {
    std::error_code error;
    const auto built = std::filesystem::last_write_time("/proc/self/exe", error);
    return !error && std::filesystem::file_time_type::clock::now() < built;
}

void lookAtSettings(Facts& facts) {
    facts.forwards = setting("net/ipv4/ip_forward") != 0;
    facts.forwards6 = setting("net/ipv6/conf/all/forwarding") != 0;
    std::vector<InterfaceName> all{facts.external};
    for (const auto& internal : facts.internal) all.push_back(internal.interface);
    for (const InterfaceName& each : all)
        if (setting("net/ipv4/conf/" + each.text() + "/forwarding", 1) == 0)
            facts.notForwarding.insert(each.text());
    facts.filtersBridges = setting("net/bridge/bridge-nf-call-iptables") != 0;
    facts.reversePathFilter = reversePathFilter(facts.external);
    facts.tracked = setting("net/netfilter/nf_conntrack_count");
    facts.trackedMost = setting("net/netfilter/nf_conntrack_max");
    facts.clockIsBehind = clockIsBehind();
}

}  // namespace

std::optional<Json> Facts::mappingAt(const MappingKey& key) const {
    for (const Json& json : mappings) {
        const int place = key.externalPort.value - json.value("external_port", 0);
        if (json.value("protocol", "") != lowerName(key.protocol) || place < 0 ||
            place >= json.value("ports", 1))
            continue;
        Json port = json;
        port["external_port"] = key.externalPort.value;
        port["internal_port"] = json.value("internal_port", 0) + place;
        port["ports"] = 1;
        return port;
    }
    return std::nullopt;
}

std::vector<IpAddress> Facts::Internal::served() const {
    std::vector<IpAddress> all;
    for (const Ipv4Prefix& each : state.addresses) all.emplace_back(each.address);
    if (!all.empty()) return all;
    for (const Ipv6Prefix& each : state.addresses6)
        if (!each.address.isLinkLocal()) all.emplace_back(each.address);
    return all;
}

Facts lookAtHost(const Sides& sides) {
    const InterfaceName& external = sides.external;
    const std::vector<InterfaceName>& internal = sides.internal;
    Facts facts{external};
    facts.external6 = sides.external6;
    boost::asio::io_context unused;
    InterfaceMonitor interfaces{unused, [] {}};
    interfaces.followRoutes(internal);
    facts.outside = interfaces.state(external);
    facts.index6 = interfaces.state(sides.external6).index;
    const auto source = interfaces.source(external);
    auto& addresses = facts.outside.addresses;
    std::stable_partition(addresses.begin(), addresses.end(), [&](const Ipv4Prefix& each) {
        return source && each.address == *source;
    });
    for (const InterfaceName& name : internal)
        facts.internal.push_back(
            {.interface = name, .state = interfaces.state(name), .isBridge = isBridge(name)});
    lookAtSettings(facts);
    facts.routesByMark = igd::routesByMark();
    facts.route = nextHopOf;
    facts.outsideNeighbours = knownNeighbours(external);
    std::erase_if(facts.outsideNeighbours, [&](const IpAddress& host) {
        return !lanOf(external, facts.outside).isOnLink(host);  // somebody's second address
    });
    return facts;
}

void addUplinks(Facts& facts, const std::vector<UplinkSide>& uplinks, std::uint32_t markBits) {
    facts.markBits = markBits;
    if (uplinks.size() < 2) return;
    boost::asio::io_context unused;
    const InterfaceMonitor interfaces{unused, [] {}};
    for (const UplinkSide& each : uplinks)
        facts.uplinks.push_back({each.interface, each.mark, interfaces.state(each.interface)});
}

}  // namespace igd::ctl
