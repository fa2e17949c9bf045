// SPDX-License-Identifier: GPL-2.0-or-later
// The test stands for libupnp: what it calls goes through the hooks.
#include "libc_hooks.h"

#include "upnpd/util/unique_fd.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd {
namespace {

sockaddr_in address(const char* text, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    ::inet_pton(AF_INET, text, &result.sin_addr);
    return result;
}

class LibcHooksTest : public testing::Test {
protected:
    static int bindTo(int fd, const sockaddr_in& where) {
        return ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where);
    }
    static ssize_t sendTo(int fd, std::string_view text, const sockaddr_in& where) {
        return ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&where),
                        sizeof where);
    }
    static sockaddr_in boundTo(int fd) {
        sockaddr_in result{};
        socklen_t length = sizeof result;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&result), &length);
        return result;
    }

    std::vector<std::string> taken_;
    LibcHooks hooks_{*InterfaceName::parse("lo"),
                     [this](std::string_view datagram) { taken_.emplace_back(datagram); }};
    UniqueFd udp_{::socket(AF_INET, SOCK_DGRAM, 0)};
    UniqueFd tcp_{::socket(AF_INET, SOCK_STREAM, 0)};
};

TEST_F(LibcHooksTest, TakeWhatIsForTheGroupAndNothingElse) {
    EXPECT_EQ(sendTo(udp_.get(), "NOTIFY", address("239.255.255.250", 1900)), 6);
    EXPECT_EQ(taken_, std::vector<std::string>{"NOTIFY"});
    EXPECT_EQ(hooks_.counts().datagram, 1U);
    EXPECT_EQ(sendTo(udp_.get(), "other", address("127.0.0.1", 9)), 5);
    EXPECT_EQ(taken_.size(), 1U);
}

TEST_F(LibcHooksTest, ListenOnLoopbackAloneAndRefuseEachConnection) {
    ASSERT_EQ(bindTo(tcp_.get(), address("0.0.0.0", 49152)), 0);
    const sockaddr_in bound = boundTo(tcp_.get());
    EXPECT_EQ(bound.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    ASSERT_EQ(::listen(tcp_.get(), 1), 0);
    const UniqueFd client{::socket(AF_INET, SOCK_STREAM, 0)};
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&bound), sizeof bound), 0);
    EXPECT_EQ(::accept(tcp_.get(), nullptr, nullptr), -1);
    EXPECT_EQ(errno, ECONNABORTED);
    char octet{};
    EXPECT_LE(::recv(client.get(), &octet, 1, 0), 0) << "closed";
    EXPECT_EQ(hooks_.counts().refusedConnection, 1U);
}

TEST_F(LibcHooksTest, LeaveTheSearchPortToOthersAndHearNothing) {
    const int bound = bindTo(udp_.get(), address("0.0.0.0", 1900));
    if (bound != 0 && errno == ENOPROTOOPT)
        GTEST_SKIP() << "no IP_MULTICAST_ALL is here, as in qemu's user emulation";
    ASSERT_EQ(bound, 0);
    const std::uint16_t port = ntohs(boundTo(udp_.get()).sin_port);
    EXPECT_NE(port, 1900);
    const UniqueFd other{::socket(AF_INET, SOCK_DGRAM, 0)};
    ASSERT_EQ(sendTo(other.get(), "M-SEARCH", address("127.0.0.1", port)), 8);
    char octet{};
    EXPECT_EQ(::recv(udp_.get(), &octet, 1, MSG_DONTWAIT), -1);
    EXPECT_EQ(errno, EAGAIN);
}

}  // namespace
}  // namespace igd
