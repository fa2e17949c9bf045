// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

constexpr PortRange kUnprivileged{Port{1024}, Port{65535}};
constexpr unsigned kLastPort = 65535;

bool covers(const PortRange& outer, const PortRange& inner) {
    return outer.first <= inner.first && inner.last <= outer.last;
}

/// Whether `outer` matches whatever `inner` matches.
bool covers(const ClientPattern& outer, const ClientPattern& inner) {
    if (std::holds_alternative<AnyClient>(outer)) return true;
    if (outer.index() != inner.index()) return false;
    if (const auto* const ipv4 = std::get_if<Ipv4Prefix>(&outer)) {
        const auto& other = std::get<Ipv4Prefix>(inner);
        return ipv4->length <= other.length && ipv4->contains(other.address);
    }
    if (const auto* const ipv6 = std::get_if<Ipv6Prefix>(&outer)) {
        const auto& other = std::get<Ipv6Prefix>(inner);
        return ipv6->length <= other.length && ipv6->contains(other.address);
    }
    return outer == inner;
}

template <class... Reason>
Refusal notAuthorized(fmt::format_string<Reason...> form, Reason&&... reason) {
    return {MappingError::NotAuthorized, fmt::format(form, std::forward<Reason>(reason)...)};
}

template <class... Reason>
Refusal noInternalAddress(fmt::format_string<Reason...> form, Reason&&... reason) {
    return {MappingError::NoInternalAddress, fmt::format(form, std::forward<Reason>(reason)...)};
}

/// All of the line but its external ports.
bool concerns(const PermissionRule& rule, const Asked& asked) {
    return rule.internalPorts.contains(asked.internalPort) && matches(rule.client, asked.client) &&
           (!rule.protocol || rule.protocol == asked.protocol);
}

/// The ports at which the lines, or external_ports, may begin to say something else.
std::vector<unsigned> boundaries(const std::vector<const PermissionRule*>& lines,
                                 const std::vector<PortRange>& external) {
    std::vector<unsigned> starts{1, kUnprivileged.first.value};
    const auto add = [&](const PortRange& range) {
        starts.push_back(std::max<unsigned>(range.first.value, 1));
        starts.push_back(range.last.value + 1U);
    };
    for (const PermissionRule* const line : lines) add(line->externalPorts);
    std::ranges::for_each(external, add);
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

/// An address of IPv6 that no packet from outside is sent to.
std::optional<Refusal> refusesScope(const Asked& asked) {
    const auto* const ipv6 = std::get_if<Ipv6Address>(&asked.client.address);
    if (ipv6 == nullptr) return std::nullopt;
    if (ipv6->isLinkLocal())
        return notAuthorized("nobody outside reaches {}", toString(asked.client.address));
    if (ipv6->isUniqueLocal())
        return Refusal{MappingError::NoExternalAddress,
                       fmt::format("{} is unique local and is not translated",
                                   toString(asked.client.address))};
    return std::nullopt;
}

}  // namespace

bool matches(const ClientPattern& pattern, const Host& host) {
    if (const auto* const mac = std::get_if<MacAddress>(&pattern)) return host.mac == *mac;
    if (const auto* const ipv6 = std::get_if<Ipv6Prefix>(&pattern)) {
        const auto* const address = std::get_if<Ipv6Address>(&host.address);
        return address != nullptr && ipv6->contains(*address);
    }
    const auto* const ipv4 = std::get_if<Ipv4Prefix>(&pattern);
    if (ipv4 == nullptr) return true;
    if (const auto* const address = std::get_if<Ipv4Address>(&host.address))
        return ipv4->contains(*address);
    return std::ranges::any_of(host.ipv4,
                               [&](Ipv4Address address) { return ipv4->contains(address); });
}

bool covers(const PermissionRule& earlier, const PermissionRule& later) {
    return covers(earlier.externalPorts, later.externalPorts) &&
           covers(earlier.internalPorts, later.internalPorts) &&
           covers(earlier.client, later.client) &&
           (!earlier.protocol || earlier.protocol == later.protocol);
}

std::optional<Refusal> Policy::refusesClient(const Asked& asked) const {
    const auto& [kind, origin, protocol, external, internal, count, requester, client, lan] = asked;
    if (origin == Origin::Pcp && client.address.index() != requester.address.index())
        return notAuthorized("{} is of another family", toString(client.address));
    if (lan.isRouter(client.address))
        return notAuthorized("{} is the router itself", toString(client.address));
    const bool isIpv4 = std::holds_alternative<Ipv4Address>(client.address);
    if (kind == OpeningKind::Mapping && !isIpv4)
        return noInternalAddress(
            "no address of IPv4 is known of {}: no neighbour on {} that has one has its hardware "
            "address",
            toString(client.address), lan.interface.text());
    if (isIpv4 && lan.addresses.empty() && lan.routed.empty())
        return noInternalAddress("{} has no network of IPv4 ({})", lan.interface.text(),
                                 lan.describe());
    if (!lan.isHost(client.address))
        return notAuthorized("{} is not a host of {} ({})", toString(client.address),
                             lan.interface.text(), lan.describe());
    if (!lan.contains(requester.address))
        return notAuthorized("the request did not come from {}", lan.interface.text());
    if (!isSameHost(requester, client) && !mayActForOthers(requester.address))
        return notAuthorized("{} asks for another host, {} (allow_third_party)",
                             toString(requester.address), toString(client.address));
    if (kind == OpeningKind::Pinhole && !config_.pinholesAllowed)
        return notAuthorized("pinholes are not allowed (ipv6inbound_pinhole_allowed is off)");
    return refusesScope(asked);
}

const PermissionRule* Policy::lineFor(const Asked& asked) const {
    const Port external = asked.externalPort != Port{0} ? asked.externalPort : asked.internalPort;
    const auto line = std::ranges::find_if(config_.permissions, [&](const auto& rule) {
        if (!hasPorts(asked.protocol)) return !rule.protocol && matches(rule.client, asked.client);
        return rule.externalPorts.contains(external) && concerns(rule, asked);
    });
    return line == config_.permissions.end() ? nullptr : &*line;
}

std::string Policy::decidingLine(const Asked& asked) const {
    const PermissionRule* const line = lineFor(asked);
    return line == nullptr ? std::string{} : line->origin;
}

bool Policy::isExternal(Port port) const {
    const auto& all = config_.externalPorts;
    return all.empty() ||
           std::ranges::any_of(all, [port](const PortRange& each) { return each.contains(port); });
}

std::optional<Refusal> Policy::refusesExternal(const PortRange& ports) const {
    if (ports.first == Port{0}) return std::nullopt;
    for (unsigned port = ports.first.value; port <= ports.last.value; ++port)
        if (!isExternal(Port{static_cast<std::uint16_t>(port)}))
            return notAuthorized("external port {} is not one of external_ports", port);
    return std::nullopt;
}

std::optional<Refusal> Policy::refusesPorts(const Asked& asked) const {
    if (asked.kind != OpeningKind::Pinhole)  // over IPv6 it is the internal port
        if (auto refusal = refusesExternal(portsFrom(asked.externalPort, asked.portCount)))
            return refusal;
    if (asked.isAdministrators()) return std::nullopt;
    if (const PermissionRule* const line = lineFor(asked)) {
        if (line->allow) return std::nullopt;
        return notAuthorized("denied by {}", line->origin);
    }
    if (!hasPorts(asked.protocol)) return std::nullopt;
    if (asked.externalPort != Port{0} && !kUnprivileged.contains(asked.externalPort))
        return notAuthorized("external port {} is below 1024 and no line allows it",
                             asked.externalPort.value);
    if (!kUnprivileged.contains(asked.internalPort))
        return notAuthorized("internal port {} is below 1024 and no line allows it",
                             asked.internalPort.value);
    return std::nullopt;
}

std::vector<PortRange> Policy::permittedPorts(const Asked& asked) const {
    std::vector<const PermissionRule*> lines;
    for (const PermissionRule& line : config_.permissions)
        if (concerns(line, asked)) lines.push_back(&line);
    const auto permits = [&](Port port) {
        if (!isExternal(port)) return false;
        const auto line = std::ranges::find_if(lines, [port](const PermissionRule* each) {
            return each->externalPorts.contains(port);
        });
        if (line != lines.end()) return (*line)->allow;
        return kUnprivileged.contains(port) && kUnprivileged.contains(asked.internalPort);
    };
    std::vector<PortRange> ranges;
    const auto starts = boundaries(lines, config_.externalPorts);
    for (auto start = starts.begin(); start != starts.end(); ++start) {
        const unsigned end = std::next(start) == starts.end() ? kLastPort : *std::next(start) - 1;
        if (permits(Port{static_cast<std::uint16_t>(*start)})) append(ranges, *start, end);
    }
    return ranges;
}

std::size_t Policy::roomFor(std::size_t own, std::size_t total) const {
    const std::size_t kept = own == 0 ? 0 : config_.mappingsTotal / 4;
    const std::size_t most = config_.mappingsTotal - kept;
    return std::min(
        config_.mappingsPerClient - std::min<std::size_t>(own, config_.mappingsPerClient),
        most - std::min(total, most));
}

std::optional<Refusal> Policy::refusesMore(std::size_t own, std::size_t total,
                                           std::size_t more) const {
    if (own + more > config_.mappingsPerClient)
        return Refusal{MappingError::QuotaExceeded,
                       fmt::format("the host has {} openings (mappings_per_client)", own)};
    const std::size_t kept = own == 0 ? 0 : config_.mappingsTotal / 4;
    if (total + more > config_.mappingsTotal - kept)
        return Refusal{MappingError::TableFull,
                       fmt::format("there are {} openings (mappings_total{})", total,
                                   kept == 0 ? "" : ", the rest is for hosts that have none")};
    return std::nullopt;
}

std::optional<Refusal> Policy::refusesUnseen(std::size_t unseen, std::size_t more) const {
    if (unseen + more <= std::max<std::size_t>(config_.mappingsTotal / 4, 1)) return std::nullopt;
    return Refusal{MappingError::TableFull,
                   fmt::format("hosts that were never seen have {} openings", unseen)};
}

std::optional<Refusal> Policy::refusesRange(const PortRange& ports, const Host& requester) const {
    const auto isOpen = [&](Port port) {
        return kUnprivileged.contains(port) ||
               std::ranges::any_of(config_.permissions, [&](const PermissionRule& rule) {
                   return rule.allow && rule.externalPorts.contains(port) &&
                          matches(rule.client, requester);
               });
    };
    if (isOpen(ports.first) && isOpen(ports.last)) return std::nullopt;
    return notAuthorized("ports {} reach below 1024 and no line allows that", toString(ports));
}

bool Policy::isReserved(Port port) const {
    return std::ranges::find(config_.reservedPorts, port) != config_.reservedPorts.end();
}

bool Policy::mayActForOthers(const IpAddress& requester) const {
    return std::ranges::any_of(config_.thirdParties, [&](const Ipv6Prefix& prefix) {
        return prefix.contains(asIpv6(requester));
    });
}

bool Policy::needsHardwareAddress(const Host& host) const {
    if (host.mac) return false;
    const bool isIpv6 = std::holds_alternative<Ipv6Address>(host.address);
    return std::ranges::any_of(config_.permissions, [&](const PermissionRule& rule) {
        return std::holds_alternative<MacAddress>(rule.client) ||
               (isIpv6 && std::holds_alternative<Ipv4Prefix>(rule.client));
    });
}

Seconds Policy::leaseWithin(Seconds asked) const {
    return std::min(std::max(asked, config_.minLease), config_.maxLease);
}

Seconds Policy::controlLease(Seconds asked, Origin origin) const {
    const Seconds lease = std::min(asked, config_.pcpMaxLease);
    return origin == Origin::Pcp ? std::max(lease, config_.pcpMinLease) : lease;
}

bool isOf(const Opening& opening, const Host& host) {
    return opening.internal.address == host.address ||
           (host.mac && opening.account == Account{*host.mac});
}

}  // namespace igd
