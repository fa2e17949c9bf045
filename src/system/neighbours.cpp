// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/neighbours.h"

#include "netlink.h"

#include "upnpd/util/unique_fd.h"

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd {
namespace {

/// nullptr when the kernel cannot be asked.
netlink::Socket openQuestion() {
    netlink::Socket socket{nl_socket_alloc()};
    if (socket && nl_connect(socket.get(), NETLINK_ROUTE) < 0) socket.reset();
    return socket;
}

/// All that the kernel knows; empty when it cannot be asked.
netlink::Cache readNeighbours() {
    const netlink::Socket socket = openQuestion();
    nl_cache* raw = nullptr;
    if (!socket || rtnl_neigh_alloc_cache(socket.get(), &raw) < 0) return nullptr;
    return netlink::Cache{raw};
}

std::optional<MacAddress> macOf(rtnl_neigh& neighbour) {
    return netlink::macOf(netlink::bytesOf(rtnl_neigh_get_lladdr(&neighbour)));
}

/// The kernel's answer: a neighbour, or an errno.
using Answer = tl::expected<netlink::Neighbour, int>;

Answer parseAnswer(nlmsghdr& header, int size) {
    rtnl_neigh* found = nullptr;
    if (nlmsg_ok(&header, size) == 0) return tl::unexpected{EBADMSG};
    if (header.nlmsg_type == RTM_NEWNEIGH && rtnl_neigh_parse(&header, &found) == 0)
        return netlink::Neighbour{found};
    if (header.nlmsg_type != NLMSG_ERROR || nlmsg_datalen(&header) < int{sizeof(nlmsgerr)})
        return tl::unexpected{EBADMSG};
    return tl::unexpected{-static_cast<const nlmsgerr*>(nlmsg_data(&header))->error};
}

/// Asks the kernel for one host: the cost does not grow with the number of neighbours. Kernels
/// before 5.0 do not know the question.
Answer askFor(nl_sock* socket, int interface, nl_addr* host) {
    const netlink::Message question{nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_REQUEST)};
    if (socket == nullptr || !question) return tl::unexpected{ENOBUFS};
    nl_socket_disable_auto_ack(socket);
    ndmsg about{};
    about.ndm_family = static_cast<std::uint8_t>(nl_addr_get_family(host));
    about.ndm_ifindex = interface;
    if (nlmsg_append(question.get(), &about, sizeof about, NLMSG_ALIGNTO) < 0 ||
        nla_put_addr(question.get(), NDA_DST, host) < 0 || nl_send_auto(socket, question.get()) < 0)
        return tl::unexpected{ENOBUFS};
    alignas(nlmsghdr) std::array<char, 4096> answer{};
    const ssize_t size = ::recv(nl_socket_get_fd(socket), answer.data(), answer.size(), 0);
    if (size < 0) return tl::unexpected{errno};
    return parseAnswer(*reinterpret_cast<nlmsghdr*>(answer.data()), static_cast<int>(size));
}

int indexOf(const InterfaceName& interface) {
    return static_cast<int>(::if_nametoindex(interface.text().c_str()));
}

constexpr std::uint16_t kDiscard = 9;

/// The kernel looks for the hardware address of whoever is sent something: nothing, to the port
/// that throws it away.
void lookForHardwareAddress(const InterfaceName& interface, const IpAddress& host) {
    sockaddr_storage to{};
    socklen_t size = 0;
    if (const auto* const four = std::get_if<Ipv4Address>(&host)) {
        auto& plain = reinterpret_cast<sockaddr_in&>(to);
        plain.sin_family = AF_INET;
        plain.sin_port = htons(kDiscard);
        plain.sin_addr.s_addr = htonl(four->value());
        size = sizeof plain;
    } else {
        auto& six = reinterpret_cast<sockaddr_in6&>(to);
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(kDiscard);
        six.sin6_scope_id = static_cast<std::uint32_t>(indexOf(interface));
        const auto& bytes = std::get<Ipv6Address>(host).bytes();
        std::copy(bytes.begin(), bytes.end(), std::begin(six.sin6_addr.s6_addr));
        size = sizeof six;
    }
    const UniqueFd socket{::socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const std::string& name = interface.text();
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                     static_cast<socklen_t>(name.size())) == 0)
        (void)::sendto(socket.get(), "", 0, 0, reinterpret_cast<const sockaddr*>(&to), size);
}

NeighbourEntry entryOf(rtnl_neigh& neighbour) {
    constexpr int kValid = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE |
                           NUD_DELAY;  // as in the kernel
    const int state = rtnl_neigh_get_state(&neighbour);
    if ((state & kValid) != 0) return {NeighbourEntry::State::Valid, macOf(neighbour)};
    if ((state & NUD_INCOMPLETE) != 0) return {NeighbourEntry::State::LookedFor};
    return {};
}

NeighbourEntry entryOf(nl_sock* socket, int index, const IpAddress& host) {
    const netlink::Address wanted = netlink::built(host);
    if (index == 0 || !wanted) return {};
    const auto answer = askFor(socket, index, wanted.get());
    if (answer) return entryOf(**answer);
    if (answer.error() == ENOENT) return {};
    const netlink::Cache all = readNeighbours();
    const netlink::Neighbour found{all ? rtnl_neigh_get(all.get(), index, wanted.get()) : nullptr};
    return found ? entryOf(*found) : NeighbourEntry{};
}

std::optional<MacAddress> hardwareAddressOf(const InterfaceName& interface, const IpAddress& host) {
    return entryOf(openQuestion().get(), indexOf(interface), host).mac;
}

}  // namespace

class NeighbourQuestions::Impl {
public:
    explicit Impl(InterfaceName interface)
        : interface_(std::move(interface)), socket_(openQuestion()) {}

    /// The index is the interface's for as long as the sockets that are bound to it.
    [[nodiscard]] NeighbourEntry ask(const IpAddress& host) {
        if (index_ == 0) index_ = indexOf(interface_);
        return entryOf(socket_.get(), index_, host);
    }

private:
    const InterfaceName interface_;
    const netlink::Socket socket_;
    int index_ = 0;
};

NeighbourQuestions::NeighbourQuestions(InterfaceName interface)
    : impl_(std::make_unique<Impl>(std::move(interface))) {}

NeighbourQuestions::~NeighbourQuestions() = default;

NeighbourEntry NeighbourQuestions::ask(const IpAddress& host) {
    return impl_->ask(host);
}

std::optional<bool> isSameHost(const InterfaceName& interface, const IpAddress& one,
                               const IpAddress& other) {
    const auto mac = hardwareAddressOf(interface, one);
    if (!mac) return false;
    const auto its = hardwareAddressOf(interface, other);
    if (its) return *its == *mac;
    lookForHardwareAddress(interface, other);
    return std::nullopt;
}

}  // namespace igd
