// SPDX-License-Identifier: GPL-2.0-or-later
// With the kernel's own tables.
#include "upnpd/system/neighbour_table.h"

#include "own_network.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kLan = InterfaceName::parse("lan0").value();
const InterfaceName kOtherLan = InterfaceName::parse("lan1").value();
const IpAddress kConsole = parseIpv4Address("192.168.1.10").value();
const IpAddress kNobody = parseIpv4Address("192.168.1.99").value();
const IpAddress kConsole6 = parseIpv6Address("fe80::10").value();
const MacAddress kMac{{2, 0, 0, 0, 0, 0x10}};
const MacAddress kOtherMac{{2, 0, 0, 0, 0, 0x11}};

class Heard final : public NeighbourObserver {
public:
    void neighbourFound(const InterfaceName& interface, const IpAddress& host,
                        const MacAddress& mac) override {
        all.push_back("found " + interface.text() + " " + toString(host) + " " + toString(mac));
    }
    void neighbourLost(const InterfaceName& interface, const IpAddress& host) override {
        all.push_back("lost " + interface.text() + " " + toString(host));
    }
    [[nodiscard]] bool has(const std::string& word) const {
        return std::ranges::find(all, word) != all.end();
    }
    std::vector<std::string> all;
};

class NeighbourTableTest : public testing::Test {
protected:
    void SetUp() override {
        if (!canAskForNeighbours()) GTEST_SKIP() << kNoNeighbours;
    }
};

TEST_F(NeighbourTableTest, KnowsWhatWasThereBeforeIt) {
    inOwnNetwork([] {
        run("ip neigh add 192.168.1.10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        run("ip neigh add fe80::10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        boost::asio::io_context loop;
        Heard heard;
        const NeighbourTable table{loop, {kLan}, heard};
        EXPECT_EQ(table.macOf(kLan, kConsole), kMac);
        EXPECT_EQ(table.macOf(kLan, kConsole6), kMac);
        EXPECT_EQ(table.macOf(kOtherLan, kConsole), std::nullopt);
        EXPECT_THAT(table.ipv4Of(kLan, kMac), ElementsAre(std::get<Ipv4Address>(kConsole)));
        EXPECT_THAT(heard.all, IsEmpty());
    });
}

TEST_F(NeighbourTableTest, HearsOfChanges) {
    inOwnNetwork([] {
        boost::asio::io_context loop;
        Heard heard;
        const NeighbourTable table{loop, {kLan}, heard};
        run("ip neigh add 192.168.1.10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        EXPECT_TRUE(runUntil(loop, [&] { return table.macOf(kLan, kConsole) == kMac; }));
        run("ip neigh replace 192.168.1.10 lladdr 02:00:00:00:00:11 dev lan0 nud reachable");
        EXPECT_TRUE(runUntil(loop, [&] { return table.macOf(kLan, kConsole) == kOtherMac; }));
        run("ip neigh del 192.168.1.10 dev lan0");
        EXPECT_TRUE(runUntil(loop, [&] { return !table.macOf(kLan, kConsole); }));
        ASSERT_GE(heard.all.size(), 2U);
        EXPECT_EQ(heard.all[0], "found lan0 192.168.1.10 02:00:00:00:00:10");
        EXPECT_EQ(heard.all[1], "found lan0 192.168.1.10 02:00:00:00:00:11");
    });
}

TEST_F(NeighbourTableTest, HasTheKernelLookForAHost) {
    inOwnNetwork([] {
        boost::asio::io_context loop;
        Heard heard;
        NeighbourTable table{loop, {kLan}, heard};
        table.lookFor(kLan, kNobody);
        EXPECT_TRUE(runUntil(loop, [&] { return heard.has("lost lan0 192.168.1.99"); }));
        EXPECT_EQ(table.macOf(kLan, kNobody), std::nullopt);
    });
}

TEST_F(NeighbourTableTest, LooksForSoManyInASecond) {
    inOwnNetwork([] {
        boost::asio::io_context loop;
        Heard heard;
        NeighbourTable table{loop, {kLan}, heard};
        for (std::uint32_t host = 2; host < 250; ++host)
            table.lookFor(kLan, Ipv4Address{0xc0a80100 + host});
        run("test $(ip neigh show dev lan0 | grep -c 192.168.1) -eq 64");
    });
}

TEST_F(NeighbourTableTest, FollowsAnInterfaceThatIsMadeAnew) {
    inOwnNetwork([] {
        run("ip neigh add 192.168.1.10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        boost::asio::io_context loop;
        Heard heard;
        const NeighbourTable table{loop, {kLan}, heard};
        run("ip link del lan0");
        EXPECT_TRUE(runUntil(loop, [&] { return !table.macOf(kLan, kConsole); }));
        run("ip link add lan0 type veth peer name far0 && ip link set lan0 up");
        run("ip neigh add 192.168.1.10 lladdr 02:00:00:00:00:11 dev lan0 nud stale");
        EXPECT_TRUE(runUntil(loop, [&] { return table.macOf(kLan, kConsole) == kOtherMac; }));
    });
}

TEST_F(NeighbourTableTest, FollowsOtherInterfaces) {
    inOwnNetwork([] {
        run("ip neigh add 192.168.1.10 lladdr 02:00:00:00:00:10 dev lan0 nud stale");
        boost::asio::io_context loop;
        Heard heard;
        NeighbourTable table{loop, {kOtherLan}, heard};
        EXPECT_EQ(table.macOf(kLan, kConsole), std::nullopt);
        table.setInterfaces({kLan});
        EXPECT_TRUE(runUntil(loop, [&] { return table.macOf(kLan, kConsole) == kMac; }));
        table.setInterfaces({kOtherLan});
        EXPECT_EQ(table.macOf(kLan, kConsole), std::nullopt);
    });
}

/// More than the socket has room for; the last one is of a host that was not heard of before.
void floodWithEvents() {
    constexpr int kEvents = 8000;
    FILE* const batch = ::popen("ip -batch -", "w");
    ASSERT_NE(batch, nullptr);
    for (int i = 0; i < kEvents; ++i)
        std::fputs(fmt::format("neigh replace 192.168.1.99 dev lan0 nud stale lladdr "
                               "02:00:00:00:01:{:02x}\n",
                               i % 256)
                       .c_str(),
                   batch);
    std::fputs("neigh add 192.168.1.10 dev lan0 nud stale lladdr 02:00:00:00:00:10\n", batch);
    ASSERT_EQ(::pclose(batch), 0);
}

TEST_F(NeighbourTableTest, LooksAgainWhenEventsWereLost) {
    inOwnNetwork([] {
        boost::asio::io_context loop;
        Heard heard;
        const NeighbourTable table{loop, {kLan}, heard};
        floodWithEvents();
        EXPECT_TRUE(runUntil(loop, [&] { return table.macOf(kLan, kConsole) == kMac; }));
        EXPECT_LT(heard.all.size(), 8000U) << "none was lost: the test shows nothing";
    });
}

}  // namespace
}  // namespace igd
