// SPDX-License-Identifier: GPL-2.0-or-later
#include "routed_networks.h"

#include "upnpd/util/log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace igd {
namespace {

/// Routes come in crowds (a routing daemon that starts): one look for all of a moment. When so many
/// came that some were lost, a longer one.
constexpr std::chrono::milliseconds kPause{200};
constexpr Seconds kLongPause{5};

netlink::Socket openQuery() {
    netlink::Socket socket = netlink::openSocket();
    netlink::check(nl_socket_set_nonblocking(socket.get()), "set non-blocking");
    nl_socket_disable_auto_ack(socket.get());
    // With this the kernel leaves out the routes of other interfaces; older ones (before 4.20) send
    // them all.
    const int on = 1;
    (void)::setsockopt(nl_socket_get_fd(socket.get()), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
                       sizeof on);
    return socket;
}

int numberIn(std::span<const std::uint8_t> bytes) {
    int number = 0;
    if (bytes.size() == sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

/// Calls `each` with {interface, has a gateway} for each next hop of a route.
template <class Each>
void forNextHops(nlmsghdr& route, Each each) {
    const auto of = [&](int type) { return netlink::attributeOf(route, sizeof(rtmsg), type); };
    const bool hasGateway = !of(RTA_GATEWAY).empty() || !of(RTA_VIA).empty();
    if (const int interface = numberIn(of(RTA_OIF)); interface != 0) each(interface, hasGateway);
    auto rest = of(RTA_MULTIPATH);
    while (rest.size() >= sizeof(rtnexthop)) {
        rtnexthop hop{};
        std::memcpy(&hop, rest.data(), sizeof hop);
        if (hop.rtnh_len < sizeof hop || hop.rtnh_len > rest.size()) return;
        auto* const attributes =
            reinterpret_cast<nlattr*>(const_cast<std::uint8_t*>(rest.data() + sizeof hop));
        const int length = static_cast<int>(hop.rtnh_len - sizeof hop);
        each(hop.rtnh_ifindex, nla_find(attributes, length, RTA_GATEWAY) != nullptr ||
                                   nla_find(attributes, length, RTA_VIA) != nullptr);
        rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(hop.rtnh_len), rest.size()));
    }
}

/// The table's number may not fit into the header.
std::uint32_t tableOf(nlmsghdr& route, const rtmsg& about) {
    const auto bytes = netlink::attributeOf(route, sizeof(rtmsg), RTA_TABLE);
    return bytes.empty() ? about.rtm_table : static_cast<std::uint32_t>(numberIn(bytes));
}

bool isDefaultRoute(nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWROUTE && message.nlmsg_type != RTM_DELROUTE) return false;
    const auto about = netlink::headerOf<rtmsg>(message);
    return about && about->rtm_dst_len == 0;
}

bool leadsBy(nlmsghdr& route, int interface) {
    bool leads = false;
    forNextHops(route, [&](int hop, bool hasGateway) {
        leads = leads || (hop == interface && hasGateway);
    });
    return leads;
}

/// Takes in the network of `route` when it is reached by a gateway on `interface`.
void take(nlmsghdr& route, int interface, RoutedNetworks::Networks& networks) {
    const auto about = netlink::headerOf<rtmsg>(route);
    if (!about || about->rtm_type != RTN_UNICAST || about->rtm_dst_len == 0 ||
        (about->rtm_flags & RTM_F_CLONED) != 0 || tableOf(route, *about) != RT_TABLE_MAIN ||
        !leadsBy(route, interface))
        return;
    const auto network =
        netlink::addressOf(about->rtm_family, netlink::attributeOf(route, sizeof(rtmsg), RTA_DST));
    if (!network) return;
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&*network))
        networks.ipv4.push_back({*ipv4, about->rtm_dst_len});
    else
        networks.ipv6.push_back({std::get<Ipv6Address>(*network), about->rtm_dst_len});
}

/// Leaves out what lies within another one, and more than kMost.
template <class Prefix>
void tidy(std::vector<Prefix>& networks) {
    std::ranges::sort(networks, {}, [](const Prefix& each) {
        return std::pair{each.length, each.address};
    });
    std::vector<Prefix> kept;
    for (const Prefix& each : networks) {
        if (kept.size() == RoutedNetworks::kMost) break;
        if (std::ranges::none_of(kept,
                                 [&](const Prefix& wide) { return wide.contains(each.address); }))
            kept.push_back(each);
    }
    networks = std::move(kept);
}

/// Sends the question for the routes of `family` over `interface` in the main table. Returns its
/// number; nullopt when the kernel does not take it.
std::optional<std::uint32_t> sendQuestion(nl_sock& socket, int interface, int family) {
    const netlink::Message question{nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP)};
    rtmsg about{};
    about.rtm_family = static_cast<std::uint8_t>(family);
    about.rtm_table = RT_TABLE_MAIN;
    if (!question || nlmsg_append(question.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0 ||
        nla_put_u32(question.get(), RTA_OIF, static_cast<std::uint32_t>(interface)) < 0 ||
        nl_send_auto(&socket, question.get()) < 0)
        return std::nullopt;
    return nlmsg_hdr(question.get())->nlmsg_seq;
}

/// Calls `each` with the routes in the answer to `question`. Returns false when the kernel refuses.
/// It has the next part ready whenever the one before has been read: this never waits.
template <class Each>
bool readAnswer(nl_sock& socket, std::uint32_t question, Each each) {
    alignas(nlmsghdr) std::array<char, 32768> buffer{};
    while (true) {
        const ssize_t got =
            ::recv(nl_socket_get_fd(&socket), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        auto* message = reinterpret_cast<nlmsghdr*>(buffer.data());
        int rest = static_cast<int>(got);
        for (; nlmsg_ok(message, rest) != 0; message = nlmsg_next(message, &rest)) {
            if (message->nlmsg_seq != question) continue;  // the rest of an earlier answer
            if (message->nlmsg_type == NLMSG_DONE) return true;
            if (message->nlmsg_type == NLMSG_ERROR) return false;
            if (message->nlmsg_type == RTM_NEWROUTE) each(*message);
        }
    }
}

}  // namespace

RoutedNetworks::RoutedNetworks(boost::asio::io_context& loop, std::function<void()> changed)
    : changed_(std::move(changed)),
      query_(openQuery()),
      events_(loop, {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE},
              {[this](nlmsghdr& message) { read(message); },
               [this] {
                   const auto before = networks_;
                   look();
                   if (std::exchange(defaultRouteMoved_, false) || networks_ != before) changed_();
               },
               [this] {
                   defaultRouteMoved_ = true;
                   events_.planLook(kLongPause);
               }}) {
    events_.start();
}

void RoutedNetworks::setInterfaces(std::vector<InterfaceName> interfaces) {
    interfaces_.set(std::move(interfaces));
    look();
}

RoutedNetworks::Networks RoutedNetworks::of(int index) const {
    const auto found = networks_.find(index);
    return found == networks_.end() ? Networks{} : found->second;
}

void RoutedNetworks::look() {
    events_.looked();
    networks_.clear();
    for (const auto& each : interfaces_.all()) {
        if (each.index == 0) continue;
        Networks& networks = networks_[each.index];
        for (const int family : {AF_INET, AF_INET6}) ask(each.index, family, networks);
        tidy(networks.ipv4);
        tidy(networks.ipv6);
    }
}

void RoutedNetworks::ask(int index, int family, Networks& networks) const {
    const auto question = sendQuestion(*query_, index, family);
    if (question &&
        readAnswer(*query_, *question, [&](nlmsghdr& route) { take(route, index, networks); }))
        return;
    if (family == AF_INET)  // a kernel without IPv6 has none of its routes
        log::warning("system: the kernel does not tell its routes");
}

void RoutedNetworks::read(nlmsghdr& message) {
    const bool isDefault = isDefaultRoute(message);
    defaultRouteMoved_ = defaultRouteMoved_ || isDefault;
    if (isDefault || concernsUs(message)) events_.planLook(kPause);
}

/// Routes vanish in silence when an interface goes down or loses its addresses.
bool RoutedNetworks::concernsUs(nlmsghdr& message) {
    switch (message.nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK: {
            const auto news = netlink::linkNewsOf(message);
            if (!news) return false;
            const auto change = interfaces_.named(news->index, news->name);
            return !change.gone.empty() || interfaces_.byIndex(news->index) != nullptr;
        }
        case RTM_NEWADDR:
        case RTM_DELADDR: {
            const auto about = netlink::headerOf<ifaddrmsg>(message);
            return about && interfaces_.byIndex(static_cast<int>(about->ifa_index)) != nullptr;
        }
        case RTM_NEWROUTE:
        case RTM_DELROUTE: {
            bool concerns = false;
            forNextHops(message, [&](int interface, bool hasGateway) {
                concerns = concerns || (hasGateway && interfaces_.byIndex(interface) != nullptr);
            });
            return concerns;
        }
        default:
            return false;
    }
}

}  // namespace igd
