// SPDX-License-Identifier: GPL-2.0-or-later
#include "libupnp/libc_hooks.h"

#include "sockets/socket_filter.h"

#include <cassert>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace igd::upnp {
namespace {

std::atomic<LibcHooks*> inForce{nullptr};
thread_local LibcHooks* binding = nullptr;

// These functions ask the kernel itself: libc's own functions of these names cannot be called from
// their replacements.
int kernelBind(int fd, const sockaddr* address, socklen_t length) noexcept {
    return static_cast<int>(::syscall(SYS_bind, fd, address, length));
}

int kernelSetsockopt(int fd, int level, int name, const void* value, socklen_t length) noexcept {
    return static_cast<int>(::syscall(SYS_setsockopt, fd, level, name, value, length));
}

int kernelAccept(int fd, sockaddr* address, socklen_t* length, int flags) {
    return static_cast<int>(::syscall(SYS_accept4, fd, address, length, flags));
}

bool isStream(int fd) noexcept {
    int type = 0;
    socklen_t length = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

}  // namespace

LibcHooks::LibcHooks(InterfaceName interface, Ipv4Address address)
    : interface_(std::move(interface)),
      interfaceIndex_(::if_nametoindex(interface_.text().c_str())),
      address_(address) {
    [[maybe_unused]] LibcHooks* const before = inForce.exchange(this);
    assert(before == nullptr);
}

LibcHooks::~LibcHooks() {
    inForce = nullptr;
}

LibcHooks::Binding::Binding(LibcHooks& hooks) {
    binding = &hooks;
}
LibcHooks::Binding::~Binding() {
    binding = nullptr;
}

void LibcHooks::allowStop() const {
    if (stopSocket_ >= 0) static_cast<void>(hearEverything(stopSocket_));
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
        listener_ = fd;
        wanted.sin_port = 0;
        wanted.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return bindToDevice(fd, kLoopback);
    }
    if (wanted.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
        ++counts_.stopSocket;
        stopSocket_ = fd;
        return hearNothing(fd);
    }
    ++counts_.searchSocket;
    wanted.sin_port = 0;
    return hearNothing(fd) && hearOwnGroupsOnly(fd) && bindToDevice(fd, interface_);
}

/// Nothing is served over IPv6, but the bind has to succeed while the link-local address is
/// tentative, just after link-up, or IPv6 is off: otherwise UpnpInit2() would fail. So another
/// address is bound.
bool LibcHooks::prepare6(int fd, void* address) noexcept {
    const int on = 1;
    auto& wanted = *static_cast<sockaddr_in6*>(address);
    wanted.sin6_port = 0;
    if (kernelSetsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on) != 0) return false;
    if (!isStream(fd)) return hearNothing(fd) && bindToDevice(fd, interface_);
    listener6_ = fd;
    wanted.sin6_addr = in6addr_loopback;
    wanted.sin6_scope_id = 0;
    return bindToDevice(fd, kLoopback);
}

/// Sets the interface of multicast. libupnp 1.8.4 hands eight bytes over where the kernel expects
/// four, twelve or none, and reads "any interface". With the index, and the address as the source,
/// routes do not matter.
int LibcHooks::setMulticastInterface(int fd) noexcept {
    ++counts_.multicastInterface;
    ip_mreqn request{};
    request.imr_address.s_addr = htonl(address_.value());
    request.imr_ifindex = static_cast<int>(interfaceIndex_);
    return kernelSetsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
}

/// Ends a connection to libupnp's HTTP server, which nobody needs.
int LibcHooks::refuseConnection(int fd) noexcept {
    const int connection = kernelAccept(fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return connection;
    ++counts_.refusedConnection;
    ::close(connection);
    errno = ECONNABORTED;
    return -1;
}

}  // namespace igd::upnp

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

[[gnu::visibility("default")]] int bind(int fd, const sockaddr* address,
                                        socklen_t length) noexcept {
    if (auto* const hooks = igd::upnp::binding) return hooks->bindForLibrary(fd, address, length);
    return igd::upnp::kernelBind(fd, address, length);
}

[[gnu::visibility("default")]] int setsockopt(int fd, int level, int name, const void* value,
                                              socklen_t length) noexcept {
    if (level == IPPROTO_IP && name == IP_MULTICAST_IF) {
        if (auto* const hooks = igd::upnp::inForce.load()) return hooks->setMulticastInterface(fd);
    }
    return igd::upnp::kernelSetsockopt(fd, level, name, value, length);
}

[[gnu::visibility("default")]] int accept(int fd, sockaddr* address, socklen_t* length) {
    auto* const hooks = igd::upnp::inForce.load();
    if (hooks != nullptr && hooks->isListener(fd)) return hooks->refuseConnection(fd);
    return igd::upnp::kernelAccept(fd, address, length, 0);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
