// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/opening.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace igd {
namespace {

constexpr std::uint8_t kWholeAddress = 128;

/// UPnP has no word for a prefix or for several hosts (IWF-07), nor for a set of ports.
void append(std::string& description, std::string_view remark) {
    if (description.empty()) {
        description = remark;
        return;
    }
    const std::string end = fmt::format(" ({})", remark);
    description = cleanUtf8(description, kMaxDescription - end.size()) + end;
}

bool isWholeHost(const PeerFilter& filter) {
    return filter.remote.length == kWholeAddress && filter.port == Port{0};
}

/// The one remote host that `filters` let in; nullopt: any, or several, or a network.
std::optional<Ipv4Address> singleHost(const std::vector<PeerFilter>& filters) {
    if (filters.size() != 1 || !isWholeHost(filters.front())) return std::nullopt;
    return filters.front().remote.address.mapped();
}

const std::string& descriptionOf(const Opening& opening) {
    const Claim* const upnp = opening.claimOf(Origin::Igd);
    return upnp != nullptr ? upnp->description : opening.claims.front().description;
}

std::string remoteText(const Opening& opening) {
    if (opening.kind == OpeningKind::Peer) {
        const Ipv6Address& remote = opening.remote->remote.address;
        const auto four = remote.mapped();
        return toString(IpEndpoint{four ? IpAddress{*four} : remote, opening.remote->port});
    }
    if (opening.remote) return toString(*opening.remote);
    std::string text;
    for (const PeerFilter& filter : opening.filters())
        text += (text.empty() ? "" : ", ") + toString(filter);
    return text;
}

std::string internalText(const Opening& opening) {
    if (opening.isSet())
        return fmt::format("{}:{}", urlHost(opening.internal.address),
                           toString(opening.internalPorts()));
    if (hasPorts(opening.protocol)) return toString(opening.internal);
    return urlHost(opening.internal.address);
}

}  // namespace

OpeningName Opening::name() const {
    if (kind == OpeningKind::Mapping)
        return {.kind = kind,
                .protocol = protocol,
                .externalPort = externalPort,
                .portCount = portCount};
    return {kind, protocol, Port{0}, internal, remote, portCount};
}

const Claim* Opening::claimOf(Origin origin) const {
    const auto claim = std::ranges::find(claims, origin, &Claim::origin);
    return claim == claims.end() ? nullptr : &*claim;
}

void Opening::put(Claim claim) {
    const auto place = std::ranges::find(claims, claim.origin, &Claim::origin);
    if (place == claims.end())
        claims.push_back(std::move(claim));
    else
        *place = std::move(claim);
}

void Opening::drop(Origin origin) {
    std::erase_if(claims, [origin](const Claim& claim) { return claim.origin == origin; });
}

bool Opening::isEnabled() const {
    return std::ranges::any_of(claims, &Claim::enabled);
}

std::vector<PeerFilter> Opening::filters() const {
    std::vector<PeerFilter> joined;
    for (const Claim& claim : claims) {
        if (!claim.enabled) continue;
        if (claim.filters.empty()) return {};
        for (const PeerFilter& filter : claim.filters) add(joined, filter);
    }
    return joined;
}

std::optional<TimePoint> Opening::end() const {
    std::optional<TimePoint> last = TimePoint::min();
    for (const Claim& claim : claims) {
        if (!claim.expiresAt) return std::nullopt;
        last = std::max(last, claim.expiresAt);
    }
    return last;
}

TimePoint Opening::nextEnd() const {
    TimePoint first = hostDeadline.value_or(TimePoint::max());
    for (const Claim& claim : claims)
        first = std::min(first, claim.expiresAt.value_or(TimePoint::max()));
    return first;
}

std::optional<Seconds> Opening::remaining(TimePoint now) const {
    const auto last = end();
    return last ? std::optional{secondsUntil(*last, now)} : std::nullopt;
}

std::vector<Rule> portByPort(const Rule& rule) {
    std::vector<Rule> ports(rule.portCount, rule);
    for (unsigned i = 0; i < rule.portCount; ++i) {
        ports[i].portCount = 1;
        if (rule.externalPort != Port{0}) ports[i].externalPort = portBehind(rule.externalPort, i);
        ports[i].internal.port = portBehind(rule.internal.port, i);
    }
    return ports;
}

bool differInTimeoutOnly(const Rule& a, const Rule& b) {
    const auto fields = [](const Rule& rule) {
        return std::tie(rule.protocol, rule.externalPort, rule.internal, rule.portCount,
                        rule.remote, rule.filters, rule.comment, rule.flowAddress);
    };
    return fields(a) == fields(b);
}

std::optional<Rule> ruleFor(const Opening& opening, TimePoint now) {
    if (!opening.isEnabled()) return std::nullopt;
    const auto left = opening.remaining(now);
    Rule rule{.protocol = opening.protocol,
              .externalPort = opening.externalPort,
              .internal = opening.internal,
              .portCount = opening.portCount,
              .remote = opening.remote,
              .timeout = left,
              .comment = descriptionOf(opening),
              .flowAddress = opening.flowAddress};
    if (rule.timeout && !rule.isFlow()) *rule.timeout += kKernelGrace;
    if (rule.remote) return rule;
    rule.filters = opening.filters();
    if (opening.kind == OpeningKind::Mapping && singleHost(rule.filters)) {
        rule.remote = rule.filters.front();
        rule.filters.clear();
    }
    return rule;
}

Opening heldAt(Opening opening, TimePoint now) {
    std::erase_if(opening.claims,
                  [now](const Claim& claim) { return claim.expiresAt && *claim.expiresAt <= now; });
    if (opening.hostDeadline && *opening.hostDeadline <= now) opening.claims.clear();
    if (opening.claimOf(Origin::Igd) == nullptr) opening.pinholeId.reset();
    return opening;
}

bool isRenewal(const Opening& before, const Opening& now) {
    Opening same = before;
    if (same.claims.size() != now.claims.size()) return false;
    for (std::size_t i = 0; i < same.claims.size(); ++i) {
        same.claims[i].expiresAt = now.claims[i].expiresAt;
        same.claims[i].requester = now.claims[i].requester;
        same.claims[i].askedWithoutEnd = now.claims[i].askedWithoutEnd;
    }
    same.account = now.account;
    same.hostSeen = now.hostSeen;
    same.hostDeadline = now.hostDeadline;
    return same == now;
}

MappingView viewOf(const Opening& opening, TimePoint now, std::optional<Port> external) {
    const Port port = external.value_or(opening.externalPort);
    const unsigned place = port.value - 0U - opening.externalPort.value;
    const Claim* const upnp = opening.claimOf(Origin::Igd);
    const auto filters = upnp != nullptr ? upnp->filters : opening.filters();
    MappingView view{.key = {opening.protocol, port},
                     .remoteHost = singleHost(filters),
                     .internal = {std::get<Ipv4Address>(opening.internal.address),
                                  portBehind(opening.internal.port, place)},
                     .enabled = opening.isEnabled(),
                     .description = descriptionOf(opening),
                     .origin = opening.claims.front().origin,
                     .askedWithoutEnd = upnp != nullptr && upnp->askedWithoutEnd};
    if (!filters.empty() && !view.remoteHost) append(view.description, "filtered");
    if (opening.isSet()) append(view.description, "ports " + toString(opening.externalPorts()));
    // A lease in its last instant still reads 1, for 0 would say that it has no end (IGD-Lease-07).
    const auto end = upnp != nullptr ? upnp->expiresAt : opening.end();
    if (end) view.remainingLease = std::max(secondsUntil(*end, now), Seconds{1});
    return view;
}

std::string describe(const Opening& opening) {
    const std::string remote = remoteText(opening);
    switch (opening.kind) {
        case OpeningKind::Mapping:
            return fmt::format("{} {}{} -> {}", lowerName(opening.protocol),
                               toString(opening.externalPorts()),
                               remote.empty() ? "" : " from " + remote, internalText(opening));
        case OpeningKind::Pinhole:
            return fmt::format("pinhole {} {} from {}", lowerName(opening.protocol),
                               internalText(opening), remote.empty() ? "any" : remote);
        case OpeningKind::Peer:
            return fmt::format("flow {} {} to {}", lowerName(opening.protocol),
                               internalText(opening), remote);
    }
    return "";
}

}  // namespace igd
