// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/neighbour_table.h"

#include "neighbour_map.h"
#include "netlink.h"

#include "upnpd/net/rate_limit.h"
#include "upnpd/util/log.h"
#include "upnpd/util/time.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

namespace igd {
namespace {

constexpr std::size_t kLooksPerSecond = 64;
/// Between two readings of the whole table, however many events are lost.
constexpr Seconds kPause{1};
/// Room for the events of a moment; the kernel's own choice is 200 kB.
constexpr int kRoom = 1 << 20;
/// Datagrams of one turn of the loop; the first reading takes all there is.
constexpr int kTurn = 32;
constexpr int kAll = 1 << 16;

netlink::Socket openEvents() {
    netlink::Socket socket = netlink::openSocket();
    netlink::check(nl_socket_add_memberships(socket.get(), RTNLGRP_NEIGH, RTNLGRP_LINK, 0), "join");
    netlink::check(nl_socket_set_nonblocking(socket.get()), "set non-blocking");
    nl_socket_disable_auto_ack(socket.get());
    // It does with less.
    (void)::setsockopt(nl_socket_get_fd(socket.get()), SOL_SOCKET, SO_RCVBUFFORCE, &kRoom,
                       sizeof kRoom);
    return socket;
}

NeighbourState stateOf(std::uint16_t flags) {
    if ((flags & NUD_FAILED) != 0) return NeighbourState::Failed;
    if ((flags & (NUD_REACHABLE | NUD_PERMANENT)) != 0) return NeighbourState::Reachable;
    if ((flags & (NUD_STALE | NUD_DELAY | NUD_PROBE)) != 0) return NeighbourState::Known;
    return NeighbourState::None;
}

/// Returns what a message says; nullopt when it is not about a neighbour in an IP network (bridges
/// tell of what they have learnt by the same group).
std::optional<NeighbourNews> readNews(nlmsghdr& message) {
    if (nlmsg_datalen(&message) < int{sizeof(ndmsg)}) return std::nullopt;
    ndmsg about{};
    std::memcpy(&about, nlmsg_data(&message), sizeof about);
    const auto host =
        netlink::addressOf(about.ndm_family, netlink::attributeOf(message, sizeof about, NDA_DST));
    if (!host || (about.ndm_flags & NTF_PROXY) != 0) return std::nullopt;
    NeighbourNews news{.interface = about.ndm_ifindex, .host = *host};
    if (message.nlmsg_type == RTM_DELNEIGH) return news;
    news.state = stateOf(about.ndm_state);
    news.mac = netlink::macOf(netlink::attributeOf(message, sizeof about, NDA_LLADDR));
    return news;
}

}  // namespace

class NeighbourTable::Impl {
public:
    Impl(boost::asio::io_context& loop, std::vector<InterfaceName> interfaces,
         NeighbourObserver& observer)
        : observer_(observer),
          events_(openEvents()),
          wake_(loop, nl_socket_get_fd(events_.get())),
          pause_(loop) {
        follow(std::move(interfaces));
        look();
        drain(kAll);
        tells_ = true;
        wait();
    }
    ~Impl() {
        stop();
        (void)wake_.release();  // the netlink socket closes its descriptor itself
    }

    [[nodiscard]] const NeighbourMap& map() const { return map_; }

    /// Returns the index of an interface that is followed; 0: there is none.
    [[nodiscard]] int indexOf(const InterfaceName& name) const {
        const auto found = std::ranges::find(interfaces_, name, &Followed::name);
        return found == interfaces_.end() ? 0 : found->index;
    }

    void lookFor(const InterfaceName& interface, const IpAddress& host) {
        const int index = indexOf(interface);
        if (index == 0 || map_.isReachable(index, host)) return;
        if (limit_.admits(host, Clock::now())) ask(index, host);
    }

    void setInterfaces(std::vector<InterfaceName> interfaces) {
        follow(std::move(interfaces));
        planLook();
    }

    void stop() {
        boost::system::error_code ignored;
        wake_.cancel(ignored);
        pause_.cancel();
        stopped_ = true;
    }

private:
    struct Followed {
        InterfaceName name;
        int index;
    };

    void follow(std::vector<InterfaceName> interfaces) {
        std::vector<Followed> followed;
        for (InterfaceName& name : interfaces) {
            const unsigned index = ::if_nametoindex(name.text().c_str());
            followed.push_back({std::move(name), static_cast<int>(index)});
        }
        for (const Followed& before : interfaces_)
            if (std::ranges::find(followed, before.index, &Followed::index) == followed.end())
                map_.forget(before.index);
        interfaces_ = std::move(followed);
    }

    void wait() {
        wake_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                         [this](boost::system::error_code error) {
                             if (error || stopped_) return;
                             drain(kTurn);
                             if (!stopped_) wait();
                         });
    }

    /// Has the kernel send all it knows, between the events and in their order.
    void look() {
        lookedAt_ = Clock::now();
        map_.beginLook();
        if (send(RTM_GETNEIGH, NLM_F_DUMP, ndmsg{}, std::nullopt)) return;
        log::error("system: the kernel's neighbour tables cannot be read");
    }

    /// At once, or as soon as the last reading is a pause old.
    void planLook() {
        if (planned_ || stopped_) return;
        planned_ = true;
        pause_.expires_at(std::max(Clock::now(), lookedAt_ + kPause));
        pause_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            planned_ = false;
            look();
        });
    }

    void drain(int datagrams) {
        while (datagrams-- > 0 && !stopped_) {
            sockaddr_nl from{};
            socklen_t length = sizeof from;
            const ssize_t size =
                ::recvfrom(nl_socket_get_fd(events_.get()), buffer_.data(), buffer_.size(),
                           MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &length);
            if (size >= 0) {
                if (from.nl_pid == 0) readAll(static_cast<int>(size));
            } else if (errno == ENOBUFS) {
                planLook();  // events were lost
            } else if (errno != EINTR) {
                return;
            }
        }
    }

    void readAll(int size) {
        auto* message = reinterpret_cast<nlmsghdr*>(buffer_.data());
        for (; nlmsg_ok(message, size) != 0 && !stopped_; message = nlmsg_next(message, &size))
            read(*message);
    }

    void read(nlmsghdr& message) {
        switch (message.nlmsg_type) {
            case RTM_NEWNEIGH:
            case RTM_DELNEIGH:
                if (const auto news = readNews(message)) return heard(*news);
                return;
            case RTM_NEWLINK:
            case RTM_DELLINK:
                return linkChanged(message);
            case NLMSG_DONE:
                if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) return planLook();
                return map_.endLook();
            case NLMSG_ERROR:
                return refused(message);
            default:
                return;
        }
    }

    void heard(const NeighbourNews& news) {
        const auto on = std::ranges::find(interfaces_, news.interface, &Followed::index);
        if (on == interfaces_.end()) return;
        const auto change = map_.apply(news);
        if (!tells_ || change == NeighbourMap::Change::None) return;
        const InterfaceName name = on->name;  // the observer may change what is followed
        if (change == NeighbourMap::Change::Lost)
            observer_.neighbourLost(name, news.host);
        else
            observer_.neighbourFound(name, news.host, *news.mac);
    }

    /// An interface that came, went or was renamed: what the kernel knows of it is read anew.
    void linkChanged(nlmsghdr& message) {
        if (nlmsg_datalen(&message) < int{sizeof(ifinfomsg)}) return;
        ifinfomsg about{};
        std::memcpy(&about, nlmsg_data(&message), sizeof about);
        const auto bytes = netlink::attributeOf(message, sizeof about, IFLA_IFNAME);
        std::string_view name{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        name = name.substr(0, name.find('\0'));
        const bool gone = message.nlmsg_type == RTM_DELLINK && about.ifi_family == AF_UNSPEC;
        for (Followed& each : interfaces_) {
            const bool isIt = !gone && each.name.text() == name;
            if (isIt == (each.index == about.ifi_index)) continue;
            if (each.index != 0) map_.forget(each.index);
            each.index = isIt ? about.ifi_index : 0;
            if (isIt) planLook();
        }
    }

    /// The kernel refuses a reading of the table, or to look for a host (its table is full, say).
    void refused(nlmsghdr& message) {
        if (nlmsg_datalen(&message) < int{sizeof(nlmsgerr)}) return;
        nlmsgerr answer{};
        std::memcpy(&answer, nlmsg_data(&message), sizeof answer);
        if (answer.error == 0) return;
        log::debug("system: neighbours: the kernel refuses: {}", std::strerror(-answer.error));
        if (answer.msg.nlmsg_type == RTM_GETNEIGH) planLook();
    }

    /// An entry that is "used" is what a packet to the host would make; but no packet can be held
    /// up by rules of the firewall, and none leaves where the host is known.
    void ask(int interface, const IpAddress& host) {
        ndmsg about{};
        about.ndm_family = std::holds_alternative<Ipv4Address>(host) ? AF_INET : AF_INET6;
        about.ndm_ifindex = interface;
        about.ndm_flags = NTF_USE;
        (void)send(RTM_NEWNEIGH, NLM_F_CREATE, about, host);  // it was no promise
    }

    bool send(int type, int flags, ndmsg about, const std::optional<IpAddress>& host) {
        const netlink::Message message{nlmsg_alloc_simple(type, NLM_F_REQUEST | flags)};
        if (!message || nlmsg_append(message.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0)
            return false;
        const netlink::Address address = host ? netlink::built(*host) : nullptr;
        if (host && (!address || nla_put_addr(message.get(), NDA_DST, address.get()) < 0))
            return false;
        return nl_send_auto(events_.get(), message.get()) >= 0;
    }

    NeighbourObserver& observer_;
    netlink::Socket events_;
    boost::asio::posix::stream_descriptor wake_;
    boost::asio::steady_timer pause_;
    std::vector<Followed> interfaces_;
    NeighbourMap map_;
    RateLimit limit_{1, kLooksPerSecond};
    TimePoint lookedAt_{};
    alignas(nlmsghdr) std::array<char, 32768> buffer_{};
    bool tells_ = false;
    bool planned_ = false;
    bool stopped_ = false;
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
