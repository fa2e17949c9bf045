// SPDX-License-Identifier: GPL-2.0-or-later
// Answers searches on every address of the router. Of the loop thread.
#pragma once

#include "sockets/lan_sockets.h"
#include "ssdp/answer_delay.h"
#include "ssdp/ssdp_search.h"

#include "upnpd/igd/description.h"
#include "upnpd/net/fair_limit.h"
#include "upnpd/net/host_quota.h"
#include "upnpd/portmap/host_keys.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/upnp/lan_server.h"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>

namespace igd::upnp {

class SearchResponder {
public:
    /// `port` is the gate's, and `hosts` must outlive this. What cannot be opened is tried again by
    /// `retries`, which must not call back once this has ended.
    SearchResponder(boost::asio::io_context& loop, const LanServerConfig& config, Port port,
                    HostKeys& hosts, Retries& retries);
    ~SearchResponder();

    /// Opens the sockets. From now on searches are answered.
    void start();

    /// On each of the router's addresses in `lan` it is found.
    void addressesChanged(const Lan& lan, std::uint32_t bootId);

private:
    struct Socket {
        UdpSocket socket;
        std::optional<UdpSocket> aside;  ///< of a unicast one (see Way)
        SearchKind kind;
        IpAddress own;  ///< the group's, or the router's
        std::array<char, kMaxSearch + 1> buffer{};
        boost::asio::ip::udp::endpoint sender{};
    };
    using SocketPointer = std::shared_ptr<Socket>;  ///< a handler keeps it, too
    /// All answers to a search share its ticket.
    using Ticket = std::shared_ptr<HostQuota::Ticket>;
    struct Pending {
        boost::asio::ip::udp::endpoint to;
        SearchTarget target;
        std::weak_ptr<Socket> from;
        Ticket ticket;
    };

    void wantAll();
    void want(const IpAddress& address);
    [[nodiscard]] UdpSocket open(const IpAddress& address);
    [[nodiscard]] UdpSocket openAside(const IpAddress& address);
    void add(UdpSocket socket, const IpAddress& address);
    void receive(const SocketPointer& from);
    void received(const SocketPointer& from, std::size_t size);
    [[nodiscard]] bool belongsHere(const boost::asio::ip::udp::endpoint& sender) const;
    [[nodiscard]] SocketPointer socketAt(const IpAddress& own) const;
    [[nodiscard]] SocketPointer answersTo(const IpAddress& sender) const;
    void plan(const Search& search, const boost::asio::ip::udp::endpoint& to,
              const SocketPointer& from, const Ticket& ticket);
    [[nodiscard]] std::chrono::milliseconds anyOf(const AnswerDelay& delay);
    void arm();
    void sendDue();
    void send(const Pending& pending);

    boost::asio::io_context& loop_;
    Retries& retries_;
    Lan lan_;
    const DeviceIdentity identity_;
    const std::map<std::string_view, std::uint32_t> configIds_;  ///< by path of the description
    std::uint32_t bootId_;
    const Port port_;
    /// Answers leave from the unicast ones: source port 1900 passes stateful firewalls.
    std::list<SocketPointer> sockets_;
    HostKeys& hosts_;
    FairLimit limit_;
    HostQuota searches_;
    std::minstd_rand random_{std::random_device{}()};
    std::multimap<TimePoint, Pending> pending_;
    boost::asio::steady_timer timer_;
};

}  // namespace igd::upnp
