// SPDX-License-Identifier: GPL-2.0-or-later
// Tests with the kernel itself, in a network namespace of their own. Skipped where that may not be
// made.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/socket.h>

namespace igd {

inline void run(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

/// Calls `test` on a thread that has a network of its own: lan0 with 192.168.1.1/24, and a silent
/// peer behind it.
inline void inOwnNetwork(const std::function<void()>& test) {
    bool made = false;
    std::thread{[&] {
        made = ::unshare(CLONE_NEWNET) == 0;
        if (!made) return;
        run("ip link add lan0 type veth peer name far0");
        run("ip address add 192.168.1.1/24 dev lan0");
        run("ip link set far0 up && ip link set lan0 up");
        test();
    }}.join();
    if (!made) GTEST_SKIP() << "no network namespace can be made";
}

/// Returns whether questions about neighbours reach the kernel. qemu's user emulation, which turns
/// netlink's messages into the order of octets of this machine, knows none about neighbours.
inline bool canAskForNeighbours() {
    struct {
        nlmsghdr header{};
        ndmsg question{};
    } dump;
    dump.header.nlmsg_len = sizeof dump;
    dump.header.nlmsg_type = RTM_GETNEIGH;
    dump.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    const UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)};
    return ::send(socket.get(), &dump, sizeof dump, 0) > 0;
}

constexpr auto kNoNeighbours = "questions about neighbours do not reach the kernel";

/// Runs `loop` until `done`, for five seconds at most. Returns whether it is.
inline bool runUntil(boost::asio::io_context& loop, const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (!done() && std::chrono::steady_clock::now() < deadline)
        loop.run_one_for(std::chrono::milliseconds{50});
    return done();
}

}  // namespace igd
