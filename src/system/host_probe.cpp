// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/host_probe.h"

#include "netlink.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <net/if.h>

namespace igd {
namespace {

constexpr int kSettled = NUD_PERMANENT | NUD_NOARP;
constexpr int kThere = kSettled | NUD_REACHABLE;
constexpr int kKnown = kThere | NUD_STALE | NUD_DELAY | NUD_PROBE;
constexpr auto kPause = std::chrono::milliseconds{10};

int indexOf(const InterfaceName& interface) {
    return static_cast<int>(::if_nametoindex(interface.text().c_str()));
}

netlink::Cache readAll(nl_sock& socket) {
    nl_cache* raw = nullptr;
    if (rtnl_neigh_alloc_cache(&socket, &raw) < 0) return nullptr;
    return netlink::Cache{raw};
}

/// Returns the state (NUD_*) of that host's entry; 0: there is none.
int stateOf(nl_cache& table, const Neighbour& host) {
    const netlink::Address address = netlink::built(host.address);
    const netlink::Neighbour entry{
        address ? rtnl_neigh_get(&table, indexOf(host.interface), address.get()) : nullptr};
    return entry ? rtnl_neigh_get_state(entry.get()) : 0;
}

/// Makes the kernel look for a host that is not known, and ask one that is. Returns false without
/// the right to.
bool ask(nl_sock& socket, const Neighbour& host, int state) {
    if ((state & kSettled) != 0) return true;
    const netlink::Neighbour entry{rtnl_neigh_alloc()};
    const netlink::Address address = netlink::built(host.address);
    if (!entry || !address) return true;
    rtnl_neigh_set_ifindex(entry.get(), indexOf(host.interface));
    rtnl_neigh_set_dst(entry.get(), address.get());
    const bool isKnown = (state & kKnown) != 0;
    if (isKnown)
        rtnl_neigh_set_state(entry.get(), NUD_PROBE);
    else
        rtnl_neigh_set_flags(entry.get(), NTF_USE);
    return rtnl_neigh_add(&socket, entry.get(), isKnown ? NLM_F_REPLACE : NLM_F_CREATE) !=
           -NLE_PERM;
}

}  // namespace

HostProbe::HostProbe(std::vector<Neighbour> hosts) : hosts_(std::move(hosts)) {
    std::ranges::sort(hosts_);
    hosts_.erase(std::unique(hosts_.begin(), hosts_.end()), hosts_.end());
    if (hosts_.empty()) return;
    const netlink::Socket socket = netlink::openSocket();
    const netlink::Cache table = readAll(*socket);
    asked_ = table != nullptr && std::ranges::all_of(hosts_, [&](const Neighbour& host) {
                 return ask(*socket, host, stateOf(*table, host));
             });
}

std::vector<Neighbour> HostProbe::silent(TimePoint end) const {
    std::vector<Neighbour> silent = hosts_;
    const netlink::Socket socket = netlink::openSocket();
    while (!silent.empty()) {
        const netlink::Cache table = readAll(*socket);
        if (!table) return {};
        std::erase_if(silent, [&](const Neighbour& host) {
            const int state = stateOf(*table, host);
            return asked_ ? (state & kThere) != 0 : (state & NUD_FAILED) == 0;
        });
        if (!asked_ || Clock::now() >= end) break;
        if (!silent.empty()) std::this_thread::sleep_for(kPause);
    }
    return silent;
}

std::vector<IpAddress> knownNeighbours(const InterfaceName& interface) {
    std::vector<IpAddress> hosts;
    const netlink::Socket socket = netlink::openSocket();
    const netlink::Cache table = readAll(*socket);
    if (!table) return hosts;
    for (nl_object* object = nl_cache_get_first(table.get()); object != nullptr;
         object = nl_cache_get_next(object)) {
        auto* const entry = reinterpret_cast<rtnl_neigh*>(object);
        if (rtnl_neigh_get_ifindex(entry) != indexOf(interface)) continue;
        if ((rtnl_neigh_get_state(entry) & kKnown) == 0) continue;
        const auto host = netlink::addressOf(AF_INET, netlink::bytesOf(rtnl_neigh_get_dst(entry)));
        if (rtnl_neigh_get_family(entry) == AF_INET && host) hosts.push_back(*host);
    }
    return hosts;
}

}  // namespace igd
