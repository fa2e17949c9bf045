// SPDX-License-Identifier: GPL-2.0-or-later
#include "route_judge.h"

#include "advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <net/if.h>

namespace igd::ctl {
namespace {

bool isIpv6(const IpAddress& address) {
    return std::holds_alternative<Ipv6Address>(address);
}

std::string nameOf(std::uint32_t index) {
    std::array<char, IF_NAMESIZE> name{};
    return ::if_indextoname(index, name.data()) != nullptr ? name.data() : "another interface";
}

}  // namespace

std::string interfaceSwitch(const std::string& interface, const std::string& name) {
    std::string text = interface;
    std::ranges::replace(text, '.', '/');
    return fmt::format("net.ipv4.conf.{}.{}", text, name);
}

const Facts::Internal* RouteJudge::lanOf(const IpAddress& client) const {
    const auto found = std::ranges::find_if(facts_.internal, [&](const Facts::Internal& internal) {
        return igd::lanOf(internal.interface, internal.state).contains(client);
    });
    return found == facts_.internal.end() ? nullptr : &*found;
}

std::optional<RouteStop> RouteJudge::wayIn(const IpAddress& remote, const IpAddress& client) const {
    if (isIpv6(client) && !facts_.forwards6)
        return RouteStop{"forwarding of IPv6 is off",
                         Advice::sysctl("net.ipv6.conf.all.forwarding", 1)};
    if (!isIpv6(client) && !facts_.forwards)
        return RouteStop{"IP forwarding is off", Advice::sysctl("net.ipv4.ip_forward", 1)};
    const std::uint32_t index = facts_.indexOf(isIpv6(client));
    if (!facts_.route || index == 0) return std::nullopt;
    const auto hop = facts_.route({remote, client, index});
    if (!hop) return refusal(hop.error(), facts_.externalOf(isIpv6(client)).text());
    const auto* const lan = lanOf(client);
    if (lan == nullptr || hop->interface == 0 ||
        hop->interface == static_cast<std::uint32_t>(lan->state.index))
        return std::nullopt;
    return RouteStop{fmt::format("the route to {} leads to {}, not to {}", toString(client),
                                 nameOf(hop->interface), lan->interface.text()),
                     "", !facts_.routesByMark};
}

std::optional<RouteStop> RouteJudge::wayBack(const IpAddress& client, const IpAddress& remote,
                                             const Facts::Internal& lan) const {
    const std::uint32_t wanted = facts_.indexOf(isIpv6(remote));
    if (!facts_.route || wanted == 0 || !lan.state.exists) return std::nullopt;
    const auto hop = facts_.route({client, remote, static_cast<std::uint32_t>(lan.state.index)});
    if (hop && (hop->interface == 0 || hop->interface == wanted)) return std::nullopt;
    if (hop)
        return RouteStop{fmt::format("its answers leave by {}, not by {}", nameOf(hop->interface),
                                     facts_.externalOf(isIpv6(remote)).text()),
                         defaultRoute(isIpv6(remote)), !facts_.routesByMark};
    if (hop.error() == EHOSTUNREACH && facts_.notForwarding.contains(lan.interface.text()))
        return refusal(hop.error(), lan.interface.text());
    return RouteStop{"no route leads its answers to the Internet", defaultRoute(isIpv6(remote)),
                     !facts_.routesByMark};
}

RouteStop RouteJudge::refusal(int error, const std::string& interface) const {
    if (facts_.notForwarding.contains(interface))
        return {fmt::format("{} does not forward", interface),
                Advice::sysctl(interfaceSwitch(interface, "forwarding"), 1)};
    const bool isFiltered = facts_.reversePathFilter != 0 && (error == EXDEV || error == EINVAL);
    if (isFiltered)
        return {fmt::format("the reverse path filter of {} drops it: the route back leads "
                            "elsewhere (rp_filter={})",
                            interface, facts_.reversePathFilter),
                facts_.reversePathFilter == 1
                    ? Advice::sysctl(interfaceSwitch(interface, "rp_filter"), 2)
                    : defaultRoute(false)};
    return {"the kernel has no route for it (or one of type unreachable, blackhole or prohibit)",
            "", !facts_.routesByMark};
}

/// The gateway is known where it is the only neighbour there.
std::string RouteJudge::defaultRoute(bool ipv6) const {
    if (ipv6) return {};
    const std::string& name = facts_.external.text();
    const auto& known = facts_.outsideNeighbours;
    const auto primary = facts_.outside.primary();
    if (primary && primary->length >= 31 && known.empty())  // a point-to-point line
        return fmt::format("ip route replace default dev {}", name);
    if (known.size() == 1)
        return fmt::format("ip route replace default via {} dev {}", toString(known.front()), name);
    return {};
}

}  // namespace igd::ctl
