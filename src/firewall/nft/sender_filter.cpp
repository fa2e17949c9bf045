// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/sender_filter.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

constexpr sock_filter statement(int code, std::uint32_t value) {
    return {static_cast<std::uint16_t>(code), 0, 0, value};
}

std::vector<sock_filter> filterFor(const std::set<std::uint32_t>& ports) {
    std::vector<sock_filter> filter{
        statement(BPF_LD | BPF_W | BPF_ABS, offsetof(nlmsghdr, nlmsg_pid))};
    for (const std::uint32_t port : ports) {
        // A filter loads as network order what netlink writes in the host's.
        filter.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, htonl(port)});
        filter.push_back(statement(BPF_RET | BPF_K, 0));
    }
    filter.push_back(statement(BPF_RET | BPF_K, std::numeric_limits<std::uint32_t>::max()));
    return filter;
}

}  // namespace

std::set<std::uint32_t> portsOfThisProcess() {
    std::set<std::uint32_t> ports{static_cast<std::uint32_t>(::getpid())};
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored}) {
        const std::string name = entry.path().filename();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        sockaddr_nl address{};
        socklen_t size = sizeof address;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
            address.nl_family == AF_NETLINK)
            ports.insert(address.nl_pid);
    }
    return ports;
}

void dropMessagesFrom(const std::set<std::uint32_t>& ports, int socket) {
    std::vector<sock_filter> filter = filterFor(ports);
    const sock_fprog program{static_cast<std::uint16_t>(filter.size()), filter.data()};
    if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        throw std::system_error(errno, std::generic_category(),
                                "firewall: changes by others cannot be told from ours");
}

}  // namespace igd::firewall
