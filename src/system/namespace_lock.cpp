// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/namespace_lock.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace igd {
namespace {

constexpr int kBacklog = 8;

struct Address {
    sockaddr_un value{};
    socklen_t size = 0;
};

Address address() {
    Address address;
    address.value.sun_family = AF_UNIX;
    kPlaceOfDaemon.copy(address.value.sun_path, kPlaceOfDaemon.size());
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + kPlaceOfDaemon.size());
    return address;
}

UniqueFd openSocket() {
    return UniqueFd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

/// Returns the pid of whoever listens at `place`; 0: it is not known.
pid_t holderOf(const Address& place) {
    const UniqueFd asking = openSocket();
    ucred holder{};
    socklen_t size = sizeof holder;
    const auto* const name = reinterpret_cast<const sockaddr*>(&place.value);
    if (!asking || ::connect(asking.get(), name, place.size) != 0 ||
        ::getsockopt(asking.get(), SOL_SOCKET, SO_PEERCRED, &holder, &size) != 0)
        return 0;
    return holder.pid;
}

}  // namespace

NamespaceLock::NamespaceLock() : socket_(openSocket()) {
    const Address place = address();
    const auto* const name = reinterpret_cast<const sockaddr*>(&place.value);
    if (socket_ && ::bind(socket_.get(), name, place.size) == 0 &&
        ::listen(socket_.get(), kBacklog) == 0)
        return;
    if (errno != EADDRINUSE)
        throw std::runtime_error(fmt::format("the lock of this network namespace cannot be had: {}",
                                             std::strerror(errno)));
    const pid_t holder = holderOf(place);
    throw std::runtime_error(fmt::format("upnpd is running already in this network namespace{}",
                                         holder != 0 ? fmt::format(", with pid {}", holder) : ""));
}

UniqueFd NamespaceLock::listener() const {
    return UniqueFd{::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0)};
}

}  // namespace igd
