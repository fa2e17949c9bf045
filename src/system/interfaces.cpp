// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/interfaces.h"

#include "netlink.h"
#include "route_source.h"
#include "routed_networks.h"

#include "upnpd/util/build_parts.h"
#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sys/socket.h>

namespace igd {
namespace {

netlink::Socket openEvents() {
    netlink::Socket socket = netlink::openSocket();
    netlink::check(nl_socket_add_memberships(socket.get(), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                             RTNLGRP_IPV6_IFADDR, 0),
                   "join");
    netlink::check(nl_socket_set_nonblocking(socket.get()), "set non-blocking");
    return socket;
}

std::optional<Ipv4Prefix> prefixOf(rtnl_addr& address) {
    const auto local = netlink::addressOf(rtnl_addr_get_family(&address),
                                          netlink::bytesOf(rtnl_addr_get_local(&address)));
    const auto* const ipv4 = local ? std::get_if<Ipv4Address>(&*local) : nullptr;
    if (ipv4 == nullptr) return std::nullopt;
    return Ipv4Prefix{*ipv4, static_cast<std::uint8_t>(rtnl_addr_get_prefixlen(&address))};
}

std::optional<Ipv6Prefix> prefix6Of(rtnl_addr& address) {
    constexpr unsigned kUseless = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED;
    if ((rtnl_addr_get_flags(&address) & kUseless) != 0) return std::nullopt;
    const auto local = netlink::addressOf(rtnl_addr_get_family(&address),
                                          netlink::bytesOf(rtnl_addr_get_local(&address)));
    const auto* const ipv6 = local ? std::get_if<Ipv6Address>(&*local) : nullptr;
    if (ipv6 == nullptr) return std::nullopt;
    return Ipv6Prefix{*ipv6, static_cast<std::uint8_t>(rtnl_addr_get_prefixlen(&address))};
}

/// The IPv4 addresses of an interface, by what they are good for.
struct Ipv4Addresses {
    std::vector<Ipv4Prefix> primary;
    std::vector<Ipv4Prefix> secondary;
    std::vector<Ipv4Prefix> linkLocal;

    void add(rtnl_addr& address) {
        const auto prefix = prefixOf(address);
        if (!prefix || rtnl_addr_get_scope(&address) == RT_SCOPE_HOST) return;
        const bool isGlobal = rtnl_addr_get_scope(&address) == RT_SCOPE_UNIVERSE;
        if (!isGlobal || prefix->address.isLinkLocal())
            linkLocal.push_back(*prefix);
        else if ((rtnl_addr_get_flags(&address) & IFA_F_SECONDARY) == 0)
            primary.push_back(*prefix);
        else
            secondary.push_back(*prefix);
    }
    [[nodiscard]] std::vector<Ipv4Prefix> inOrder() && {
        primary.insert(primary.end(), secondary.begin(), secondary.end());
        return primary.empty() ? std::move(linkLocal) : std::move(primary);
    }
};

}  // namespace

class InterfaceMonitor::Impl {
public:
    Impl(boost::asio::io_context& loop, std::function<void()> changed)
        : changed_(std::move(changed)),
          routes_(loop, [this] { changed_(); }),
          query_(netlink::openSocket()),
          events_(openEvents()),
          wake_(loop, nl_socket_get_fd(events_.get())) {
        wait();
    }
    ~Impl() {
        stop();
        (void)wake_.release();  // the netlink socket closes its descriptor itself
    }

    [[nodiscard]] netlink::Link link(const InterfaceName& name) const {
        rtnl_link* found = nullptr;
        return netlink::Link{rtnl_link_get_kernel(query_.get(), 0, name.text().c_str(), &found) < 0
                                 ? nullptr
                                 : found};
    }

    void followRoutes(const std::vector<InterfaceName>& interfaces) {
        routes_.setInterfaces(interfaces);
    }
    [[nodiscard]] RoutedNetworks::Networks routedBy(int index) const { return routes_.of(index); }

    /// Fills in the addresses of interface `index`.
    void readAddresses(int index, InterfaceState& state) const {
        nl_cache* raw = nullptr;
        if (rtnl_addr_alloc_cache(query_.get(), &raw) < 0)
            return log::error("system: cannot read the addresses of the interfaces");
        const netlink::Cache cache{raw};
        Ipv4Addresses ipv4;
        for (nl_object* object = nl_cache_get_first(raw); object != nullptr;
             object = nl_cache_get_next(object)) {
            auto& address = *reinterpret_cast<rtnl_addr*>(object);
            if (rtnl_addr_get_ifindex(&address) != index) continue;
            ipv4.add(address);
            if (!isBuiltIn(BuildPart::Ipv6)) continue;
            if (const auto six = prefix6Of(address)) state.addresses6.push_back(*six);
        }
        state.addresses = std::move(ipv4).inOrder();
        std::ranges::sort(state.addresses6);  // the kernel's order is that of its hash table
    }

    [[nodiscard]] std::optional<Ipv4Address> source(int index) const {
        return sourceOf(*query_, index);
    }

    void stop() {
        boost::system::error_code ignored;
        wake_.cancel(ignored);
        routes_.stop();
        stopped_ = true;
    }

private:
    void wait() {
        wake_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                         [this](boost::system::error_code error) {
                             if (error || stopped_) return;
                             drain();
                             changed_();
                             if (!stopped_) wait();
                         });
    }

    /// Discards the events. Neither their text nor a loss of some (ENOBUFS) matters: the world is
    /// read anew anyway.
    void drain() const {
        std::array<char, 16384> buffer{};
        while (::recv(nl_socket_get_fd(events_.get()), buffer.data(), buffer.size(), MSG_DONTWAIT) >
               0) {
        }
    }

    std::function<void()> changed_;
    RoutedNetworks routes_;
    netlink::Socket query_;
    netlink::Socket events_;
    boost::asio::posix::stream_descriptor wake_;
    bool stopped_ = false;
};

bool InterfaceState::isServable() const {
    return !addresses.empty() || std::ranges::any_of(addresses6, [](const Ipv6Prefix& each) {
        return !each.address.isLinkLocal();
    });
}

InterfaceMonitor::InterfaceMonitor(boost::asio::io_context& loop, std::function<void()> changed)
    : impl_(std::make_unique<Impl>(loop, std::move(changed))) {}

InterfaceMonitor::~InterfaceMonitor() = default;

InterfaceState InterfaceMonitor::state(const InterfaceName& name) const {
    const netlink::Link link = impl_->link(name);
    if (!link) return {};
    const unsigned flags = rtnl_link_get_flags(link.get());
    InterfaceState state{.exists = true,
                         .running = (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0,
                         .index = rtnl_link_get_ifindex(link.get())};
    impl_->readAddresses(state.index, state);
    auto networks = impl_->routedBy(state.index);
    state.routed = std::move(networks.ipv4);
    state.routed6 = std::move(networks.ipv6);
    return state;
}

std::optional<Ipv4Address> InterfaceMonitor::source(const InterfaceName& name) const {
    const InterfaceState now = state(name);
    const auto source = now.exists ? impl_->source(now.index) : std::nullopt;
    // Without a route the kernel takes the address of any interface.
    const bool isOwn = source && std::ranges::any_of(now.addresses, [&](const Ipv4Prefix& each) {
                           return each.address == *source;
                       });
    return isOwn ? source : std::nullopt;
}

void InterfaceMonitor::followRoutes(const std::vector<InterfaceName>& interfaces) {
    impl_->followRoutes(interfaces);
}

Lan lanOf(const InterfaceName& interface, const InterfaceState& state) {
    Lan lan{.interface = interface,
            .addresses = state.addresses,
            .addresses6 = state.addresses6,
            .routed = state.routed,
            .routed6 = state.routed6};
    std::stable_partition(lan.addresses.begin(), lan.addresses.end(),
                          [](const Ipv4Prefix& each) { return each.length < 32; });
    std::erase_if(lan.addresses6,
                  [](const Ipv6Prefix& each) { return each.address.isLinkLocal(); });
    return lan;
}

InterfaceCounters InterfaceMonitor::counters(const InterfaceName& name) const {
    const netlink::Link link = impl_->link(name);
    if (!link) return {};
    const auto value = [&](rtnl_link_stat_id_t id) { return rtnl_link_get_stat(link.get(), id); };
    return {value(RTNL_LINK_TX_BYTES), value(RTNL_LINK_RX_BYTES), value(RTNL_LINK_TX_PACKETS),
            value(RTNL_LINK_RX_PACKETS)};
}

void InterfaceMonitor::stop() {
    impl_->stop();
}

std::uint64_t linkSpeed(const InterfaceName& name) {
    constexpr std::uint64_t kMegabit = 1'000'000;
    std::string line;
    std::ifstream file{"/sys/class/net/" + name.text() + "/speed"};
    if (!std::getline(file, line)) return 0;
    return parseUnsigned<std::uint32_t>(trimmed(line)).value_or(0) * kMegabit;
}

}  // namespace igd
