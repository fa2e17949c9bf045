// SPDX-License-Identifier: GPL-2.0-or-later
// What NAT-PMP and PCP ask of the policy: whom they may map for and which ports there are to choose
// from.
#include "upnpd/portmap/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

constexpr PortRange kUnprivileged{Port{1024}, Port{65535}};
constexpr unsigned kLastPort = 65535;

bool isHostOf(const IpAddress& address, const Lan& lan) {
    const auto* const six = std::get_if<Ipv6Address>(&address);
    return lan.isHost(address) && (six == nullptr || !six->isLinkLocal());
}

/// Where what a line says of an external port may change.
std::vector<unsigned> boundaries(const std::vector<const PermissionRule*>& lines) {
    std::vector<unsigned> starts{1, kUnprivileged.first.value};
    for (const PermissionRule* const line : lines) {
        starts.push_back(std::max<unsigned>(line->externalPorts.first.value, 1));
        starts.push_back(line->externalPorts.last.value + 1U);
    }
    std::ranges::sort(starts);
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    std::erase_if(starts, [](unsigned port) { return port > kLastPort; });
    return starts;
}

void append(std::vector<PortRange>& ranges, unsigned first, unsigned last) {
    const Port end{static_cast<std::uint16_t>(last)};
    if (!ranges.empty() && ranges.back().last.value + 1U == first)
        ranges.back().last = end;
    else
        ranges.push_back({Port{static_cast<std::uint16_t>(first)}, end});
}

}  // namespace

bool Policy::isReserved(Port port) const {
    return std::ranges::find(config_.reservedPorts, port) != config_.reservedPorts.end();
}

bool Policy::mayActForOthers(const IpAddress& requester) const {
    return config_.allowThirdParty ||
           std::ranges::any_of(config_.pcpThirdParties, [&](const Ipv6Prefix& prefix) {
               return prefix.contains(asIpv6(requester));
           });
}

std::optional<Refusal> Policy::refusesClient(const IpAddress& client, const IpAddress& requester,
                                             const Lan& lan) const {
    const auto refused = [](std::string reason) {
        return Refusal{MappingError::NotAuthorized, std::move(reason)};
    };
    if (client.index() != requester.index())
        return refused(fmt::format("{} is of another family", toString(client)));
    if (lan.isRouter(client))
        return refused(fmt::format("{} is the router itself", toString(client)));
    if (!isHostOf(client, lan))
        return refused(
            fmt::format("{} is not a host of {}", toString(client), lan.interface.text()));
    if (client != requester && !mayActForOthers(requester))
        return refused(
            fmt::format("{} is another host (allow_third_party is off)", toString(client)));
    return std::nullopt;
}

std::vector<PortRange> Policy::permittedPorts(Protocol protocol, const Endpoint& internal,
                                              const Lan& lan) const {
    std::vector<const PermissionRule*> lines;
    for (const PermissionRule& line : config_.permissions)
        if (concerns(line, protocol, internal, lan)) lines.push_back(&line);
    const auto permits = [&](Port port) {
        const auto line = std::ranges::find_if(lines, [port](const PermissionRule* each) {
            return each->externalPorts.contains(port);
        });
        if (line != lines.end()) return (*line)->allow;
        return kUnprivileged.contains(port) && kUnprivileged.contains(internal.port);
    };
    std::vector<PortRange> ranges;
    const auto starts = boundaries(lines);
    for (auto start = starts.begin(); start != starts.end(); ++start) {
        const unsigned end = std::next(start) == starts.end() ? kLastPort : *std::next(start) - 1;
        if (permits(Port{static_cast<std::uint16_t>(*start)})) append(ranges, *start, end);
    }
    return ranges;
}

Seconds Policy::controlLease(Seconds asked, Origin origin) const {
    const Seconds lease = std::min(asked, config_.pcpMaxLease);
    return origin == Origin::Pcp ? std::max(lease, config_.pcpMinLease) : lease;
}

}  // namespace igd
