// SPDX-License-Identifier: GPL-2.0-or-later
// The room's own sockets, opened so that the WAN side reaches none of them. Each function throws
// std::system_error, whose text says which address and port it was about.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <string_view>

namespace igd::upnp {

using Acceptor = boost::asio::ip::tcp::acceptor;
using UdpSocket = boost::asio::ip::udp::socket;

constexpr Ipv4Address kSsdpGroup{0xeffffffa};  // 239.255.255.250
constexpr Port kSsdpPort{1900};

constexpr std::string_view kSsdpGroup6[] = {"ff02::c",
                                            "ff05::c"};  ///< link and site (UDA 1.1 annex A)

/// An address of asio's as ours, and ours as asio's; `scope` is the index of the interface, for
/// link-local ones.
[[nodiscard]] IpAddress addressOf(const boost::asio::ip::address& address);
[[nodiscard]] boost::asio::ip::address asioAddress(const IpAddress& address, unsigned scope = 0);

/// Port 1900 of an IPv6 address, which is ours or a group that is joined on `interface`.
[[nodiscard]] UdpSocket openSearchSocket6(boost::asio::io_context& loop,
                                          const InterfaceName& interface,
                                          const Ipv6Address& address);

/// A gate's listener. `port` 0 is the first free one from 49152. `key` of the configuration chooses
/// another, as is said where the port is taken.
[[nodiscard]] Acceptor listenOnLan(boost::asio::io_context& loop, const InterfaceName& interface,
                                   const IpAddress& address, std::uint16_t port,
                                   std::string_view key = "listenport");

/// Port 1900 of the SSDP group, which is joined on `interface`; other programs may share it.
[[nodiscard]] UdpSocket openGroupSearchSocket(boost::asio::io_context& loop,
                                              const InterfaceName& interface);

/// Port 1900 of `address`; what is sent from it lives two hops (UDA 1.1 section 1.1.2), and goes
/// out by `interface` when it is for the group.
[[nodiscard]] UdpSocket openUnicastSearchSocket(boost::asio::io_context& loop,
                                                const InterfaceName& interface,
                                                Ipv4Address address);

}  // namespace igd::upnp
