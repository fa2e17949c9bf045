// SPDX-License-Identifier: GPL-2.0-or-later
// UDP sockets on an internal interface that the WAN side does not reach. Each opening function
// throws std::system_error, whose text says which address it was about.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/ip_endpoint.h"
#include "upnpd/portmap/host_keys.h"
#include "upnpd/util/unique_fd.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace igd::portcontrol {

constexpr Port kServerPort{5351};
constexpr Port kClientPort{5350};

/// Where a datagram came from, with the scope of a link-local address.
struct Peer {
    IpEndpoint endpoint;
    std::uint32_t scope = 0;
};

class UdpSocket {
public:
    /// Port 5351 of `address`, which is the router's on `interface`, or any when it is unspecified:
    /// that socket gets what no other does. What is multicast from it goes out by `interface` and
    /// lives one hop. A second socket of that port sends and gets nothing.
    UdpSocket(const InterfaceName& interface, const IpAddress& address);

    [[nodiscard]] int descriptor() const { return fd_.get(); }

    /// nullopt: nothing waits. A datagram longer than `buffer` is cut.
    [[nodiscard]] std::optional<std::pair<std::span<const std::uint8_t>, Peer>> receive(
        std::span<std::uint8_t> buffer) const;
    /// A full buffer, or a host that cannot be reached, drops it, as any network may.
    void send(std::span<const std::uint8_t> datagram, const Peer& to,
              Way way = Way::Straight) const;
    /// To all hosts of the link: 224.0.0.1 or ff02::1.
    void multicast(std::span<const std::uint8_t> datagram, Port port) const;

private:
    [[nodiscard]] UniqueFd open(const InterfaceName& interface, const IpAddress& address) const;
    [[nodiscard]] bool getsNothing(int fd, const IpAddress& own) const;
    [[nodiscard]] std::uint32_t scopeOf(const IpAddress& address) const;

    const bool isSix_;
    const unsigned scope_;
    UniqueFd aside_;
    UniqueFd fd_;
};

}  // namespace igd::portcontrol
