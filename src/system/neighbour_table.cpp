// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/neighbour_table.h"

#include "followed_interfaces.h"
#include "kernel_events.h"
#include "look_limit.h"
#include "neighbour_map.h"
#include "netlink.h"

#include "upnpd/util/log.h"
#include "upnpd/util/time.h"

#include <cstring>
#include <new>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace igd {
namespace {

/// Between two readings of the whole table, however many events are lost.
constexpr Seconds kPause{1};

NeighbourState stateOf(std::uint16_t flags) {
    if ((flags & NUD_FAILED) != 0) return NeighbourState::Failed;
    if ((flags & (NUD_REACHABLE | NUD_PERMANENT)) != 0) return NeighbourState::Reachable;
    if ((flags & (NUD_STALE | NUD_DELAY | NUD_PROBE)) != 0) return NeighbourState::Known;
    return NeighbourState::None;
}

/// Returns what a message says; nullopt when it is not about a neighbour in an IP network (bridges
/// tell of what they have learnt by the same group).
std::optional<NeighbourNews> readNews(nlmsghdr& message) {
    const auto about = netlink::headerOf<ndmsg>(message);
    if (!about || (about->ndm_flags & NTF_PROXY) != 0) return std::nullopt;
    const auto host = netlink::addressOf(about->ndm_family,
                                         netlink::attributeOf(message, sizeof(ndmsg), NDA_DST));
    if (!host) return std::nullopt;
    NeighbourNews news{.interface = about->ndm_ifindex, .host = *host};
    if (message.nlmsg_type == RTM_DELNEIGH) return news;
    news.state = stateOf(about->ndm_state);
    news.mac = netlink::macOf(netlink::attributeOf(message, sizeof(ndmsg), NDA_LLADDR));
    return news;
}

netlink::Message messageOf(int type, int flags, ndmsg about) {
    netlink::Message message{nlmsg_alloc_simple(type, NLM_F_REQUEST | flags)};
    if (!message || nlmsg_append(message.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0)
        throw std::bad_alloc{};
    return message;
}

}  // namespace

class NeighbourTable::Impl {
public:
    Impl(boost::asio::io_context& loop, std::vector<InterfaceName> interfaces,
         NeighbourObserver& observer)
        : observer_(observer),
          events_(loop, {RTNLGRP_NEIGH, RTNLGRP_LINK},
                  {[this](nlmsghdr& message) { read(message); }, [this] { look(); },
                   [this] { events_.planLook(kPause); }}) {
        interfaces_.set(std::move(interfaces));
        look();
        events_.readAll();
        tells_ = true;
        events_.start();
    }

    [[nodiscard]] const NeighbourMap& map() const { return map_; }
    [[nodiscard]] int indexOf(const InterfaceName& name) const { return interfaces_.indexOf(name); }

    void lookFor(const InterfaceName& interface, const IpAddress& host) {
        const int index = indexOf(interface);
        if (index == 0 || map_.isReachable(index, host)) return;
        if (limit_.admits(index, host, Clock::now())) ask(index, host);
    }

    void setInterfaces(std::vector<InterfaceName> interfaces) {
        const auto before = interfaces_.all();
        interfaces_.set(std::move(interfaces));
        for (const auto& each : before)
            if (interfaces_.byIndex(each.index) == nullptr) map_.forget(each.index);
        events_.planLook(kPause);
    }

    void stop() { events_.stop(); }

private:
    /// Has the kernel send all it knows, between the events and in their order.
    void look() {
        events_.looked();
        map_.beginLook();
        if (!events_.send(*messageOf(RTM_GETNEIGH, NLM_F_DUMP, {})))
            log::error("system: the kernel's neighbour tables cannot be read");
    }

    void read(nlmsghdr& message) {
        switch (message.nlmsg_type) {
            case RTM_NEWNEIGH:
            case RTM_DELNEIGH:
                if (const auto news = readNews(message)) heard(*news);
                return;
            case RTM_NEWLINK:
            case RTM_DELLINK:
                if (const auto news = netlink::linkNewsOf(message)) heard(*news);
                return;
            case NLMSG_DONE:
                if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) return events_.planLook(kPause);
                return map_.endLook();
            case NLMSG_ERROR:
                return refused(message);
            default:
                return;
        }
    }

    void heard(const NeighbourNews& news) {
        const auto* const on = interfaces_.byIndex(news.interface);
        if (on == nullptr) return;
        const auto change = map_.apply(news);
        if (change == NeighbourMap::Change::Found) limit_.found(news.interface, news.host);
        if (!tells_ || change == NeighbourMap::Change::None) return;
        const InterfaceName name = on->name;  // the observer may change what is followed
        if (change == NeighbourMap::Change::Lost)
            observer_.neighbourLost(name, news.host);
        else
            observer_.neighbourFound(name, news.host, *news.mac);
    }

    /// An interface came or was renamed: all that the kernel knows of it is read anew.
    void heard(const netlink::LinkNews& news) {
        const auto change = interfaces_.named(news.index, news.name);
        for (const int index : change.gone) map_.forget(index);
        if (change.isNew) events_.planLook(kPause);
    }

    /// The kernel refuses a reading of the table, or to look for a host (its table is full, say).
    void refused(nlmsghdr& message) {
        const auto answer = netlink::headerOf<nlmsgerr>(message);
        if (!answer || answer->error == 0) return;
        log::debug("system: neighbours: the kernel refuses: {}", std::strerror(-answer->error));
        if (answer->msg.nlmsg_type == RTM_GETNEIGH) events_.planLook(kPause);
    }

    /// An entry that is "used" is what a packet to the host would make; but no rule of the firewall
    /// can hold it up, and nothing leaves where the host is known.
    void ask(int interface, const IpAddress& host) {
        ndmsg about{};
        about.ndm_family = std::holds_alternative<Ipv4Address>(host) ? AF_INET : AF_INET6;
        about.ndm_ifindex = interface;
        about.ndm_flags = NTF_USE;
        const netlink::Message message = messageOf(RTM_NEWNEIGH, NLM_F_CREATE, about);
        const netlink::Address address = netlink::built(host);
        if (!address || nla_put_addr(message.get(), NDA_DST, address.get()) < 0)
            throw std::bad_alloc{};
        (void)events_.send(*message);  // it was no promise
    }

    NeighbourObserver& observer_;
    FollowedInterfaces interfaces_;
    NeighbourMap map_;
    LookLimit limit_;
    bool tells_ = false;
    KernelEvents events_;
};

NeighbourTable::NeighbourTable(boost::asio::io_context& loop, std::vector<InterfaceName> interfaces,
                               NeighbourObserver& observer)
    : impl_(std::make_unique<Impl>(loop, std::move(interfaces), observer)) {}

NeighbourTable::~NeighbourTable() = default;

std::optional<MacAddress> NeighbourTable::macOf(const InterfaceName& interface,
                                                const IpAddress& host) const {
    return impl_->map().macOf(impl_->indexOf(interface), host);
}

std::vector<Ipv4Address> NeighbourTable::ipv4Of(const InterfaceName& interface,
                                                const MacAddress& mac) const {
    return impl_->map().ipv4Of(impl_->indexOf(interface), mac);
}

void NeighbourTable::lookFor(const InterfaceName& interface, const IpAddress& host) {
    impl_->lookFor(interface, host);
}

void NeighbourTable::setInterfaces(std::vector<InterfaceName> interfaces) {
    impl_->setInterfaces(std::move(interfaces));
}

void NeighbourTable::stop() {
    impl_->stop();
}

}  // namespace igd
