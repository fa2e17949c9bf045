// SPDX-License-Identifier: GPL-2.0-or-later
// Answers searches; libupnp's own search sockets hear nothing. Of the loop thread.
#pragma once

#include "lan_sockets.h"
#include "rate_limit.h"
#include "ssdp_search.h"
#include "upnpd/igd/description.h"
#include "upnpd/upnp/lan_server.h"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <map>
#include <random>
#include <string>

namespace igd::upnp {

/// The URLs of the description.
struct Locations {
    std::string whole;
    std::string version1;  ///< for who searches a type in a lower version than ours (SSDP-MSEARCH-08)
};

class SearchResponder {
public:
    /// Opens the sockets: throws std::system_error.
    SearchResponder(boost::asio::io_context& loop, const LanServerConfig& config, Locations locations);

    /// From now on searches are answered.
    void start();

private:
    struct Socket {
        UdpSocket socket;
        SearchKind kind;
        std::array<char, kMaxSearch + 1> buffer{};
        boost::asio::ip::udp::endpoint sender{};
    };
    struct Pending {
        boost::asio::ip::udp::endpoint to;
        SearchTarget target;
    };

    void receive(Socket& from);
    void received(const Socket& from, std::size_t size);
    [[nodiscard]] bool belongsHere(const boost::asio::ip::udp::endpoint& sender) const;
    void plan(const Search& search, const boost::asio::ip::udp::endpoint& to);
    void arm();
    void sendDue();
    void send(const Pending& pending);

    const Ipv4Prefix lan_;
    const DeviceIdentity identity_;
    const Locations locations_;
    Socket group_;
    Socket unicast_;  ///< all answers leave from here: source port 1900 passes stateful firewalls
    RateLimit limit_;
    std::minstd_rand random_{std::random_device{}()};
    std::multimap<TimePoint, Pending> pending_;
    boost::asio::steady_timer timer_;
};

}  // namespace igd::upnp
