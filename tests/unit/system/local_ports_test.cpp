// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/local_ports.h"

#include "upnpd/util/unique_fd.h"

#include <gtest/gtest.h>

#include <cerrno>

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace igd {
namespace {

const Ipv4Address kLoopback{0x7f000001};
const Ipv4Address kOther{0x7f000002};

struct Bound {
    UniqueFd socket;
    Port port;
};

Bound bindTo(int type, Ipv4Address address) {
    UniqueFd socket{::socket(AF_INET, type, 0)};
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(address.value());
    socklen_t size = sizeof name;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    if (type == SOCK_STREAM) {
        EXPECT_EQ(::listen(socket.get(), 1), 0);
    }
    return {std::move(socket), Port{ntohs(name.sin_port)}};
}

/// qemu's user emulation has no such sockets.
class LocalPortsTest : public testing::Test {
protected:
    void SetUp() override {
        const UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG)};
        if (!socket && errno == EPROTONOSUPPORT) GTEST_SKIP() << "no sock_diag is here";
    }
};

TEST_F(LocalPortsTest, SeesAListenerOnThatAddressOrOnAny) {
    const LocalPorts ports;
    for (const Ipv4Address address : {kLoopback, Ipv4Address{}}) {
        const Bound tcp = bindTo(SOCK_STREAM, address);
        EXPECT_TRUE(ports.inUse({Protocol::Tcp, tcp.port}, kLoopback));
        EXPECT_FALSE(ports.inUse({Protocol::Udp, tcp.port}, kLoopback));
        const Bound udp = bindTo(SOCK_DGRAM, address);
        EXPECT_TRUE(ports.inUse({Protocol::Udp, udp.port}, kLoopback));
        EXPECT_FALSE(ports.inUse({Protocol::Tcp, udp.port}, kLoopback));
    }
}

TEST_F(LocalPortsTest, DoesNotMindAListenerOnAnotherAddress) {
    const LocalPorts ports;
    const Bound tcp = bindTo(SOCK_STREAM, kLoopback);
    const Bound udp = bindTo(SOCK_DGRAM, kLoopback);
    EXPECT_FALSE(ports.inUse({Protocol::Tcp, tcp.port}, kOther));
    EXPECT_FALSE(ports.inUse({Protocol::Udp, udp.port}, kOther));
}

TEST_F(LocalPortsTest, SeesThatASocketHasGone) {
    const LocalPorts ports;
    const Port port = bindTo(SOCK_DGRAM, kLoopback).port;
    EXPECT_FALSE(ports.inUse({Protocol::Udp, port}, kLoopback));
}

}  // namespace
}  // namespace igd
