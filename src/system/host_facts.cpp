// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/host_facts.h"

#include "netlink.h"

#include <algorithm>
#include <map>
#include <utility>

#include <linux/rtnetlink.h>
#include <net/if.h>

namespace igd {
namespace {

/// Calls `each` with every object of `cache`.
template <class Object, class Each>
void forEach(nl_cache* cache, Each each) {
    for (nl_object* object = nl_cache_get_first(cache); object != nullptr;
         object = nl_cache_get_next(object))
        each(*reinterpret_cast<Object*>(object));
}

class Reader {
public:
    HostFacts read() {
        readLinks();
        readAddresses();
        readRoutes();
        HostFacts facts;
        for (auto& [index, each] : byIndex_) {
            const auto leader = byIndex_.find(masters_[index]);
            if (leader != byIndex_.end() && isMadeOfPorts(leader->second.kind))
                each.leads = leader->second.name;
        }
        for (auto& [index, each] : byIndex_) facts.interfaces.push_back(each);
        facts.defaultRoutes = routesOf(AF_INET);
        facts.defaultRoutes6 = routesOf(AF_INET6);
        return facts;
    }

private:
    static bool isMadeOfPorts(std::string_view kind) {
        return kind == "bridge" || kind == "bond" || kind == "team";
    }

    void readLinks() {
        nl_cache* raw = nullptr;
        netlink::check(rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &raw), "read links");
        const netlink::Cache cache{raw};
        forEach<rtnl_link>(raw, [this](rtnl_link& link) {
            const char* const text = rtnl_link_get_name(&link);
            const auto name = InterfaceName::parse(text == nullptr ? "" : text);
            if (!name) return;
            const unsigned flags = rtnl_link_get_flags(&link);
            const char* const kind = rtnl_link_get_type(&link);
            const int index = rtnl_link_get_ifindex(&link);
            masters_[index] = rtnl_link_get_master(&link);
            byIndex_.emplace(
                index, HostInterface{.name = *name,
                                     .running = (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0,
                                     .isLoopback = (flags & IFF_LOOPBACK) != 0,
                                     .kind = kind == nullptr ? "" : kind,
                                     .leads = std::nullopt});
        });
    }

    void readAddresses() {
        nl_cache* raw = nullptr;
        netlink::check(rtnl_addr_alloc_cache(socket_.get(), &raw), "read addresses");
        const netlink::Cache cache{raw};
        forEach<rtnl_addr>(raw, [this](rtnl_addr& address) {
            const auto place = byIndex_.find(rtnl_addr_get_ifindex(&address));
            const auto local = netlink::addressOf(rtnl_addr_get_family(&address),
                                                  netlink::bytesOf(rtnl_addr_get_local(&address)));
            if (place == byIndex_.end() || !local ||
                rtnl_addr_get_scope(&address) != RT_SCOPE_UNIVERSE)
                return;
            const auto length = static_cast<std::uint8_t>(rtnl_addr_get_prefixlen(&address));
            if (const auto* const ipv4 = std::get_if<Ipv4Address>(&*local))
                place->second.addresses.push_back({*ipv4, length});
            else
                place->second.addresses6.push_back({std::get<Ipv6Address>(*local), length});
        });
    }

    void readRoutes() {
        for (const int family : {AF_INET, AF_INET6}) {
            nl_cache* raw = nullptr;
            const int error = rtnl_route_alloc_cache(socket_.get(), family, 0, &raw);
            if (family == AF_INET) netlink::check(error, "read routes");
            if (error < 0) continue;  // a kernel without IPv6 has none of its routes
            const netlink::Cache cache{raw};
            forEach<rtnl_route>(raw, [this](rtnl_route& route) { takeRoute(route); });
        }
        std::ranges::stable_sort(routes_, {}, &Route::metric);
    }

    void takeRoute(rtnl_route& route) {
        nl_addr* const target = rtnl_route_get_dst(&route);
        if ((target != nullptr && nl_addr_get_prefixlen(target) != 0) ||
            rtnl_route_get_table(&route) != RT_TABLE_MAIN ||
            rtnl_route_get_type(&route) != RTN_UNICAST)
            return;
        const int family = rtnl_route_get_family(&route);
        for (int i = 0; i < rtnl_route_get_nnexthops(&route); ++i) {
            rtnl_nexthop* const hop = rtnl_route_nexthop_n(&route, i);
            routes_.push_back(
                {family, rtnl_route_get_priority(&route), rtnl_route_nh_get_ifindex(hop),
                 netlink::addressOf(family, netlink::bytesOf(rtnl_route_nh_get_gateway(hop)))});
        }
    }

    /// A route to an interface without a name of ours is left out.
    [[nodiscard]] std::vector<HostFacts::DefaultRoute> routesOf(int family) const {
        std::vector<HostFacts::DefaultRoute> found;
        for (const Route& route : routes_)
            if (const auto leaves = byIndex_.find(route.index);
                route.family == family && leaves != byIndex_.end())
                found.push_back({leaves->second.name, route.gateway, route.metric});
        return found;
    }

    struct Route {
        int family;
        std::uint32_t metric;
        int index;
        std::optional<IpAddress> gateway;
    };

    netlink::Socket socket_ = netlink::openSocket();
    std::map<int, HostInterface> byIndex_;
    std::map<int, int> masters_;
    std::vector<Route> routes_;
};

}  // namespace

const HostInterface* HostFacts::find(const InterfaceName& name) const {
    const auto found = std::ranges::find(interfaces, name, &HostInterface::name);
    return found == interfaces.end() ? nullptr : &*found;
}

const HostInterface* HostFacts::findIn(const Ipv4Prefix& network) const {
    const auto has = [&](auto fits) {
        const auto found = std::ranges::find_if(interfaces, [&](const HostInterface& each) {
            return std::ranges::any_of(each.addresses, fits);
        });
        return found == interfaces.end() ? nullptr : &*found;
    };
    const auto* const exact =
        has([&](const Ipv4Prefix& each) { return each.address == network.address; });
    if (exact != nullptr) return exact;
    return has([&](const Ipv4Prefix& each) { return network.contains(each.address); });
}

const HostInterface* HostFacts::findHolder(const IpAddress& address) const {
    const bool isLocal = std::visit([](const auto& each) { return each.isLoopback(); }, address);
    const auto found = std::ranges::find_if(interfaces, [&](const HostInterface& each) {
        const auto has = [&](const auto& own) { return IpAddress{own.address} == address; };
        return isLocal ? each.isLoopback
                       : std::ranges::any_of(each.addresses, has) ||
                             std::ranges::any_of(each.addresses6, has);
    });
    return found == interfaces.end() ? nullptr : &*found;
}

HostFacts readHostFacts() {
    return Reader{}.read();
}

}  // namespace igd
