// SPDX-License-Identifier: GPL-2.0-or-later
#include "link_socket.h"

#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>

namespace igd::above {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in socketAddress(Ipv4Address address, Port port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port.value);
    result.sin_addr.s_addr = htonl(address.value());
    return result;
}

/// Before Linux 5.7 a process without rights binds to no interface; there the routes decide, and
/// the address.
UniqueFd socketOn(const Link& link, int type) {
    UniqueFd fd{::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd) fail("socket");
    const std::string& name = link.interface.text();
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                     static_cast<socklen_t>(name.size())) != 0 &&
        errno != EPERM)
        fail("the external interface");
    return fd;
}

void bindTo(int fd, Ipv4Address address, Port port) {
    const sockaddr_in own = socketAddress(address, port);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) fail("bind");
}

}  // namespace

UniqueFd datagramSocket(const Link& link) {
    UniqueFd fd = socketOn(link, SOCK_DGRAM);
    bindTo(fd.get(), link.own, Port{0});
    return fd;
}

UniqueFd connectedSocket(const Link& link, Port port) {
    UniqueFd fd = datagramSocket(link);
    const sockaddr_in to = socketAddress(link.gateway, port);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        fail("connect");
    return fd;
}

UniqueFd multicastSocket(const Link& link, Port port) {
    UniqueFd fd = socketOn(link, SOCK_DGRAM);
    const int yes = 1;
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
        fail("SO_REUSEADDR");
    bindTo(fd.get(), Ipv4Address{}, port);
    return fd;
}

UniqueFd streamSocket(const Link& link) {
    UniqueFd fd = socketOn(link, SOCK_STREAM);
    bindTo(fd.get(), link.own, Port{0});
    return fd;
}

}  // namespace igd::above
