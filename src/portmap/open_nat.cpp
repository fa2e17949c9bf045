// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/open_nat.h"

#include "upnpd/portmap/policy.h"

#include <algorithm>
#include <bitset>

namespace igd {
namespace {

constexpr std::size_t kPorts = 65536;
constexpr std::size_t kFirstUnprivilegedPort = 1024;
constexpr std::uint8_t kOneHost = 32;

using PortBits = std::bitset<kPorts>;

/// The line is about every host that the entry may mean.
bool isForAll(const ClientPattern& line, const OpenNatHost& host) {
    if (std::holds_alternative<AnyClient>(line)) return true;
    if (const auto* const mac = std::get_if<MacAddress>(&line)) return host == OpenNatHost{*mac};
    const auto* const network = std::get_if<Ipv4Prefix>(&line);
    if (network == nullptr) return false;
    const auto* const own = std::get_if<Ipv4Prefix>(&host);
    return own == nullptr || (network->length <= own->length && network->contains(own->address));
}

/// The line is about some of them.
bool isForSome(const ClientPattern& line, const OpenNatHost& host) {
    const auto* const network = std::get_if<Ipv4Prefix>(&line);
    const auto* const own = std::get_if<Ipv4Prefix>(&host);
    if (network == nullptr || own == nullptr) return isForAll(line, host);
    return network->contains(own->address) || own->contains(network->address);
}

/// The lines from the last to the first: an earlier one decides.
PortBits permittedTo(const OpenNatHost& host, const PolicyConfig& config) {
    PortBits ports;
    for (std::size_t port = kFirstUnprivilegedPort; port < kPorts; ++port) ports.set(port);
    for (auto line = config.permissions.rbegin(); line != config.permissions.rend(); ++line) {
        if (line->protocol && *line->protocol != Protocol::Udp) continue;
        if (!(line->allow ? isForAll(line->client, host) : isForSome(line->client, host))) continue;
        const Port first = std::max(line->externalPorts.first, line->internalPorts.first);
        const Port last = std::min(line->externalPorts.last, line->internalPorts.last);
        for (std::size_t port = first.value; port <= last.value; ++port)
            ports.set(port, line->allow);
    }
    for (const Port port : config.reservedPorts) ports.reset(port.value);
    ports.reset(0);
    return ports;
}

std::vector<PortRange> rangesOf(const PortBits& ports) {
    std::vector<PortRange> ranges;
    for (std::size_t port = ports._Find_first(); port < kPorts; port = ports._Find_next(port)) {
        const Port one{static_cast<std::uint16_t>(port)};
        if (!ranges.empty() && ranges.back().last.value + 1U == port)
            ranges.back().last = one;
        else
            ranges.push_back({one, one});
    }
    return ranges;
}

}  // namespace

std::vector<OpenNat> openNatOf(const PolicyConfig& config) {
    std::vector<OpenNat> open;
    for (const OpenNatHost& host : config.openNat)
        open.push_back({host, rangesOf(permittedTo(host, config))});
    return open;
}

std::string toString(const OpenNatHost& host) {
    if (const auto* const mac = std::get_if<MacAddress>(&host)) return "mac:" + toString(*mac);
    const auto& network = std::get<Ipv4Prefix>(host);
    if (network.length == kOneHost) return toString(network.address);
    return toString(Ipv4Prefix{network.network(), network.length});
}

std::string portsText(const std::vector<PortRange>& ports) {
    std::string text;
    for (const PortRange& range : ports) text += (text.empty() ? "" : ", ") + toString(range);
    return text.empty() ? "none" : text;
}

}  // namespace igd
