// SPDX-License-Identifier: GPL-2.0-or-later
#include "libc_hooks.h"

#include "upnpd/upnp/socket_filter.h"
#include "upnpd/util/log.h"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <exception>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr std::uint32_t kSsdpGroup = 0xeffffffa;  // 239.255.255.250

/// glibc declares it so, musl does not.
constexpr bool kBindIsNoexcept = noexcept(::bind(0, nullptr, 0));

std::atomic<LibcHooks*> inForce{nullptr};

// These functions ask the kernel itself: libc's own functions of these names cannot be called from
// their replacements.
int kernelBind(int fd, const sockaddr* address, socklen_t length) noexcept {
    return static_cast<int>(::syscall(SYS_bind, fd, address, length));
}

int kernelAccept(int fd, sockaddr* address, socklen_t* length) {
    return static_cast<int>(::syscall(SYS_accept4, fd, address, length, 0));
}

ssize_t kernelSendto(int fd, const void* data, std::size_t size, int flags, const sockaddr* to,
                     socklen_t length) {
    return ::syscall(SYS_sendto, fd, data, size, flags, to, length);
}

bool isStream(int fd) noexcept {
    int type = 0;
    socklen_t length = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

}  // namespace

LibcHooks::LibcHooks(InterfaceName interface, std::function<void(std::string_view)> notify)
    : interface_(std::move(interface)), notify_(std::move(notify)) {
    [[maybe_unused]] LibcHooks* const before = inForce.exchange(this);
    assert(before == nullptr);
}

LibcHooks::~LibcHooks() {
    inForce = nullptr;
}

int LibcHooks::bindForLibrary(int fd, const sockaddr* address, unsigned length) noexcept {
    sockaddr_storage wanted{};
    if (length > sizeof wanted) length = sizeof wanted;
    std::memcpy(&wanted, address, length);
    const bool prepared = wanted.ss_family == AF_INET    ? prepare4(fd, &wanted)
                          : wanted.ss_family == AF_INET6 ? prepare6(fd, &wanted)
                                                         : true;
    if (!prepared) return -1;  // errno tells
    return kernelBind(fd, reinterpret_cast<const sockaddr*>(&wanted), length);
}

/// Binds the search socket to port 0, too: with 1900 it would take the place of other SSDP software
/// on this host.
bool LibcHooks::prepare4(int fd, void* address) noexcept {
    auto& wanted = *static_cast<sockaddr_in*>(address);
    if (isStream(fd)) {
        ++counts_.listener;
        wanted.sin_port = 0;
        wanted.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return upnp::bindToDevice(fd, upnp::kLoopback);
    }
    if (wanted.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
        ++counts_.stopSocket;
        return upnp::hearNothing(fd);
    }
    ++counts_.searchSocket;
    wanted.sin_port = 0;
    return upnp::hearNothing(fd) && upnp::hearOwnGroupsOnly(fd) &&
           upnp::bindToDevice(fd, interface_);
}

/// Nothing is served over IPv6, but the bind has to succeed while the link-local address is
/// tentative, just after link-up, or IPv6 is off: otherwise UpnpInit2() would fail. So another
/// address is bound.
bool LibcHooks::prepare6(int fd, void* address) noexcept {
    const int on = 1;
    auto& wanted = *static_cast<sockaddr_in6*>(address);
    wanted.sin6_port = 0;
    if (::setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on) != 0) return false;
    if (!isStream(fd)) return upnp::hearNothing(fd) && upnp::bindToDevice(fd, interface_);
    wanted.sin6_addr = in6addr_loopback;
    wanted.sin6_scope_id = 0;
    return upnp::bindToDevice(fd, upnp::kLoopback);
}

int LibcHooks::refuseConnection(int fd) noexcept {
    const int connection = kernelAccept(fd, nullptr, nullptr);
    if (connection < 0) return connection;
    ++counts_.refusedConnection;
    ::close(connection);
    errno = ECONNABORTED;
    return -1;
}

bool LibcHooks::takes(std::string_view datagram, const sockaddr* to) noexcept {
    if (to == nullptr || to->sa_family != AF_INET) return false;
    if (reinterpret_cast<const sockaddr_in*>(to)->sin_addr.s_addr != htonl(kSsdpGroup))
        return false;
    ++counts_.datagram;
    try {
        notify_(datagram);
    } catch (const std::exception& error) {
        log::error("upnp: a NOTIFY is not sent: {}", error.what());
    }
    return true;
}

}  // namespace igd

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

[[gnu::visibility("default")]] int bind(int fd, const sockaddr* address,
                                        socklen_t length) noexcept(igd::kBindIsNoexcept) {
    if (auto* const hooks = igd::inForce.load()) return hooks->bindForLibrary(fd, address, length);
    return igd::kernelBind(fd, address, length);
}

[[gnu::visibility("default")]] int accept(int fd, sockaddr* address, socklen_t* length) {
    if (auto* const hooks = igd::inForce.load()) return hooks->refuseConnection(fd);
    return igd::kernelAccept(fd, address, length);
}

[[gnu::visibility("default")]] ssize_t sendto(int fd, const void* data, size_t size, int flags,
                                              const sockaddr* to, socklen_t length) {
    auto* const hooks = igd::inForce.load();
    if (hooks != nullptr && hooks->takes({static_cast<const char*>(data), size}, to))
        return static_cast<ssize_t>(size);
    return igd::kernelSendto(fd, data, size, flags, to, length);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
