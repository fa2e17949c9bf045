// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/sender_filter.h"

#include <algorithm>
#include <bit>
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
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

constexpr std::uint32_t kPass = std::numeric_limits<std::uint32_t>::max();
constexpr bool kLittleEndian = std::endian::native == std::endian::little;

using Filter = std::vector<sock_filter>;

constexpr sock_filter statement(int code, std::uint32_t value) {
    return {static_cast<std::uint16_t>(code), 0, 0, value};
}

constexpr sock_filter load(int size, std::uint32_t at) {
    return statement(BPF_LD | size | BPF_ABS, at);
}

/// Skips so many statements when the loaded number is that one, or is not.
sock_filter jump(std::uint32_t number, std::size_t ifEqual, std::size_t ifNot) {
    return {BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint8_t>(ifEqual),
            static_cast<std::uint8_t>(ifNot), number};
}

// A filter loads as network order what netlink writes in the host's.
constexpr std::size_t kType = offsetof(nlmsghdr, nlmsg_type);
constexpr std::size_t kMessage = kLittleEndian ? kType : kType + 1;
constexpr std::size_t kSubsystem = kLittleEndian ? kType + 1 : kType;
constexpr std::size_t kFirstAttribute = NLMSG_HDRLEN + sizeof(nfgenmsg);
constexpr std::size_t kName = kFirstAttribute + NLA_HDRLEN;

/// Lets pass all but single messages about elements, and about generations.
void passOthers(Filter& filter) {
    const auto passUnless = [&](std::uint32_t number) {
        filter.push_back(jump(number, 1, 0));
        filter.push_back(statement(BPF_RET | BPF_K, kPass));
    };
    filter.push_back(load(BPF_B, kSubsystem));
    passUnless(NFNL_SUBSYS_NFTABLES);
    filter.push_back(load(BPF_B, kMessage));
    // It comes alone behind each change, and says only that there was one.
    filter.push_back(jump(NFT_MSG_NEWGEN, 0, 1));
    filter.push_back(statement(BPF_RET | BPF_K, 0));
    filter.push_back(jump(NFT_MSG_NEWSETELEM, 2, 0));
    passUnless(NFT_MSG_DELSETELEM);
    // The message's length is that of all: none comes behind it.
    const auto length = static_cast<std::uint32_t>(offsetof(nlmsghdr, nlmsg_len));
    if (kLittleEndian) {
        filter.push_back(load(BPF_H, length + 2));
        passUnless(0);
        filter.push_back(load(BPF_B, length + 1));
        filter.push_back(statement(BPF_ALU | BPF_LSH | BPF_K, 8));
        filter.push_back(statement(BPF_MISC | BPF_TAX, 0));
        filter.push_back(load(BPF_B, length));
        filter.push_back(statement(BPF_ALU | BPF_OR | BPF_X, 0));
    } else {
        filter.push_back(load(BPF_W, length));
    }
    filter.push_back(statement(BPF_MISC | BPF_TAX, 0));
    filter.push_back(statement(BPF_LD | BPF_W | BPF_LEN, 0));
    filter.push_back({BPF_JMP | BPF_JEQ | BPF_X, 1, 0, 0});
    filter.push_back(statement(BPF_RET | BPF_K, kPass));
}

/// Lets pass what has that text with its NUL as its first attribute.
void passTable(Filter& filter, const std::string& table) {
    const std::size_t size = table.size() + 1;
    for (std::size_t i = 0; i < size; ++i) {
        // The rest of this table's: two statements for each octet, and the end.
        const std::size_t rest = 2 * (size - i - 1) + 1;
        filter.push_back(load(BPF_B, static_cast<std::uint32_t>(kName + i)));
        filter.push_back(jump(static_cast<std::uint8_t>(table.c_str()[i]), 0, rest));
    }
    filter.push_back(statement(BPF_RET | BPF_K, kPass));
}

Filter filterFor(const std::set<std::uint32_t>& ports,
                 const std::optional<std::set<std::string>>& tables) {
    constexpr std::size_t kLongestName = 100;  // jumps are short; nobody's is that long
    Filter filter{load(BPF_W, offsetof(nlmsghdr, nlmsg_pid))};
    for (const std::uint32_t port : ports) {
        filter.push_back(jump(htonl(port), 0, 1));
        filter.push_back(statement(BPF_RET | BPF_K, 0));
    }
    const bool fits = tables && std::ranges::all_of(*tables, [](const std::string& table) {
                          return table.size() <= kLongestName;
                      });
    if (fits) {
        passOthers(filter);
        for (const std::string& table : *tables) passTable(filter, table);
    }
    filter.push_back(statement(BPF_RET | BPF_K, fits ? 0 : kPass));
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

void dropMessagesFrom(const std::set<std::uint32_t>& ports, int socket,
                      const std::optional<std::set<std::string>>& tables) {
    Filter filter = filterFor(ports, tables);
    const sock_fprog program{static_cast<std::uint16_t>(filter.size()), filter.data()};
    if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        throw std::system_error(errno, std::generic_category(),
                                "firewall: changes by others cannot be told from ours");
}

}  // namespace igd::firewall
