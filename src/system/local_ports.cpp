// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/local_ports.h"

#include "upnpd/util/log.h"
#include "upnpd/util/unique_fd.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace igd {
namespace {

struct Query {
    nlmsghdr header;
    inet_diag_req_v2 request;
};

/// The other end is an address that nobody has, so only sockets without one match.
constexpr std::uint32_t kNobody = 0xc0000200;  // 192.0.2.0
constexpr std::uint16_t kNobodysPort = 1;

/// Returns the query for the socket that would get a packet from nobody to `address`:port. UDP's
/// look-up takes the packet's view (source first), TCP's the socket's own.
Query queryFor(const MappingKey& key, Ipv4Address address) {
    Query query{};
    query.header.nlmsg_len = sizeof query;
    query.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    query.header.nlmsg_flags = NLM_F_REQUEST;
    query.request.sdiag_family = AF_INET;
    query.request.sdiag_protocol = static_cast<std::uint8_t>(key.protocol);
    query.request.idiag_states = ~0U;
    auto& id = query.request.id;
    id.idiag_sport = htons(key.externalPort.value);
    id.idiag_src[0] = htonl(address.value());
    id.idiag_dport = htons(kNobodysPort);
    id.idiag_dst[0] = htonl(kNobody);
    if (key.protocol == Protocol::Udp) {
        std::swap(id.idiag_sport, id.idiag_dport);
        std::swap(id.idiag_src[0], id.idiag_dst[0]);
    }
    id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return query;
}

}  // namespace

class LocalPorts::Impl {
public:
    Impl() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {
        if (!socket_) throw std::system_error(errno, std::generic_category(), "sock_diag");
        constexpr timeval kPatience{1, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    }

    /// Returns 0 when there is such a socket, else an errno.
    [[nodiscard]] int ask(const Query& query) const {
        if (::send(socket_.get(), &query, sizeof query, 0) < 0) return errno;
        alignas(nlmsghdr) std::array<char, 8192> buffer{};
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (size < 0) return errno;
        nlmsghdr header{};
        if (static_cast<std::size_t>(size) < sizeof header) return EBADMSG;
        std::memcpy(&header, buffer.data(), sizeof header);
        if (header.nlmsg_type != NLMSG_ERROR) return 0;
        nlmsgerr error{};
        if (static_cast<std::size_t>(size) < NLMSG_LENGTH(sizeof error)) return EBADMSG;
        std::memcpy(&error, buffer.data() + NLMSG_HDRLEN, sizeof error);
        return -error.error;
    }

private:
    UniqueFd socket_;
};

LocalPorts::LocalPorts() : impl_(std::make_unique<Impl>()) {}

LocalPorts::~LocalPorts() = default;

bool LocalPorts::inUse(const MappingKey& key, Ipv4Address address) const {
    const int error = impl_->ask(queryFor(key, address));
    if (error != 0 && error != ENOENT)
        log::warning("system: the kernel does not say whether {} is in use: {}", toString(key),
                     std::generic_category().message(error));
    return error == 0;
}

}  // namespace igd
