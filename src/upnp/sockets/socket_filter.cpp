// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/upnp/socket_filter.h"

#include <cstdint>

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd::upnp {
namespace {

constexpr std::uint32_t kDrop = 0;

}  // namespace

bool hearNothing(int fd) noexcept {
    sock_filter program[] = {BPF_STMT(BPF_RET | BPF_K, kDrop)};
    const sock_fprog filter{1, program};
    return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

bool bindToDevice(int fd, const InterfaceName& interface) noexcept {
    const auto& name = interface.text();
    return ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                        static_cast<socklen_t>(name.size())) == 0;
}

bool hearOwnGroupsOnly(int fd) noexcept {
    const int off = 0;
    return ::setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off) == 0;
}

}  // namespace igd::upnp
