// SPDX-License-Identifier: GPL-2.0-or-later
// With the kernel's own interfaces, addresses and routes.
#include "upnpd/system/interfaces.h"

#include "own_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <optional>
#include <string>
#include <vector>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kLan = InterfaceName::parse("lan0").value();

template <class Prefix>
std::vector<std::string> texts(const std::vector<Prefix>& prefixes) {
    std::vector<std::string> all;
    for (const Prefix& each : prefixes) all.push_back(toString(each));
    return all;
}

/// A monitor, and how often it said that something has changed.
struct Monitored {
    boost::asio::io_context loop;
    int changes = 0;
    InterfaceMonitor monitor{loop, [this] { ++changes; }};

    [[nodiscard]] InterfaceState lan() const { return monitor.state(kLan); }
    /// Runs the loop until `lan0` has those routed networks of IPv4.
    [[nodiscard]] bool waitForRouted(const std::vector<std::string>& wanted) {
        return runUntil(loop, [&] { return texts(lan().routed) == wanted; });
    }
};

TEST(Interfaces, HaveAllTheirAddresses) {
    inOwnNetwork([] {
        const Monitored of;
        EXPECT_EQ(of.lan().primary(), parseIpv4Prefix("192.168.1.1/24"));
        run("ip address add 192.168.1.2/24 dev lan0");
        run("ip address add 192.168.2.1/24 dev lan0");
        run("ip address add 192.168.1.3/32 dev lan0");
        run("ip address add 169.254.7.7/16 dev lan0");
        run("ip address add 10.0.0.1/24 scope link dev lan0");
        EXPECT_THAT(texts(of.lan().addresses), ElementsAre("192.168.1.1/24", "192.168.2.1/24",
                                                           "192.168.1.3/32", "192.168.1.2/24"));
        EXPECT_TRUE(of.lan().exists);
        EXPECT_TRUE(of.lan().running);
        EXPECT_FALSE(of.monitor.state(InterfaceName::parse("lan1").value()).exists);
    });
}

TEST(Interfaces, HaveALinkLocalAddressWhereThereIsNoOther) {
    inOwnNetwork([] {
        const Monitored of;
        run("ip address flush dev lan0");
        EXPECT_EQ(of.lan().primary(), std::nullopt);
        run("ip address add 169.254.7.7/16 scope link dev lan0");
        EXPECT_THAT(texts(of.lan().addresses), ElementsAre("169.254.7.7/16"));
    });
}

TEST(Interfaces, AreServedByAnAddressThatIsKnownBeyondTheLink) {
    const Ipv6Prefix linkLocal{*parseIpv6Address("fe80::1"), 64};
    InterfaceState state{.exists = true, .addresses6 = {linkLocal}};
    EXPECT_FALSE(state.isServable());
    state.addresses6.push_back({*parseIpv6Address("fd00::1"), 64});
    EXPECT_TRUE(state.isServable());
    state = {.exists = true, .addresses = {*parseIpv4Prefix("192.168.1.1/24")}};
    EXPECT_TRUE(state.isServable());
}

TEST(Interfaces, AVirtualRouterIsNotTheFirstAddressOfALan) {
    const InterfaceState state{
        .exists = true,
        .addresses = {*parseIpv4Prefix("192.168.1.254/32"), *parseIpv4Prefix("192.168.1.1/24"),
                      *parseIpv4Prefix("192.168.2.1/24")},
        .addresses6 = {{*parseIpv6Address("2001:db8::1"), 64}, {*parseIpv6Address("fe80::1"), 64}}};
    const Lan lan = lanOf(kLan, state);
    EXPECT_THAT(texts(lan.addresses),
                ElementsAre("192.168.1.1/24", "192.168.2.1/24", "192.168.1.254/32"));
    EXPECT_THAT(texts(lan.addresses6), ElementsAre("2001:db8::1/64"));
}

TEST(Interfaces, HaveTheSourceThatTheDefaultRoutePrefers) {
    inOwnNetwork([] {
        Monitored of;
        of.monitor.followRoutes({});
        const auto source = [&] { return of.monitor.source(kLan); };
        run("ip address add 80.100.100.1/24 dev lan0");
        run("ip address add 80.100.100.2/24 dev lan0");
        EXPECT_EQ(of.monitor.source(InterfaceName::parse("lan1").value()), std::nullopt);
        run("ip route add default via 80.100.100.9");
        EXPECT_EQ(source(), parseIpv4Address("80.100.100.1")) << "in the gateway's network";
        of.loop.run_for(std::chrono::milliseconds{500});
        const int before = of.changes;
        run("ip route replace default via 80.100.100.9 src 80.100.100.2");
        EXPECT_EQ(source(), parseIpv4Address("80.100.100.2"));
        EXPECT_TRUE(runUntil(of.loop, [&] { return of.changes > before; }));
        run("ip address flush dev lan0 && ip address add 10.9.9.9/32 dev lo");
        EXPECT_EQ(source(), std::nullopt) << "another interface's address is none of its own";
    });
}

TEST(Interfaces, HaveTheNetworksBehindAGateway) {
    inOwnNetwork([] {
        run("ip address add 2001:db8::1/64 dev lan0 nodad");
        run("ip route add 10.1.0.0/16 via 192.168.1.2");
        Monitored of;
        EXPECT_THAT(of.lan().routed, IsEmpty()) << "before they are asked for";
        of.monitor.followRoutes({kLan});
        EXPECT_THAT(texts(of.lan().routed), ElementsAre("10.1.0.0/16"));
        EXPECT_THAT(of.lan().routed6, IsEmpty());
        run("ip route add default via 192.168.1.3");
        run("ip route add 10.2.0.0/16 dev lan0");
        run("ip route add 10.3.0.0/16 via 192.168.1.2 table 7");
        run("ip route add unreachable 10.4.0.0/16");
        run("ip route add 10.1.2.0/24 via 192.168.1.2");
        run("ip -6 route add 2001:db8:1::/48 via 2001:db8::2");
        run("ip route add 10.5.0.0/16 via 192.168.1.2");
        EXPECT_TRUE(of.waitForRouted({"10.1.0.0/16", "10.5.0.0/16"}));
        EXPECT_THAT(texts(of.lan().routed6), ElementsAre("2001:db8:1::/48"));
        run("ip route del 10.1.0.0/16");
        EXPECT_TRUE(of.waitForRouted({"10.5.0.0/16", "10.1.2.0/24"}));
        EXPECT_GT(of.changes, 0);
    });
}

TEST(Interfaces, HaveTheNetworksThatOneOfSeveralGatewaysLeadsTo) {
    // Where qemu has to turn octets, it leaves those of a route's gateways as they are.
    if (std::endian::native == std::endian::big && !canAskForNeighbours())
        GTEST_SKIP() << "an emulator does not turn such routes into this machine's order";
    inOwnNetwork([] {
        run("ip link add wan0 type veth peer name far1 && ip link set far1 up");
        run("ip address add 80.0.0.1/24 dev wan0 && ip link set wan0 up");
        run("ip route add 10.1.0.0/16 nexthop via 80.0.0.2 dev wan0 "
            "nexthop via 192.168.1.2 dev lan0");
        run("ip route add 10.2.0.0/16 nexthop via 80.0.0.2 dev wan0 "
            "nexthop via 80.0.0.3 dev wan0");
        Monitored of;
        of.monitor.followRoutes({kLan});
        EXPECT_THAT(texts(of.lan().routed), ElementsAre("10.1.0.0/16"));
        run("ip route del 10.1.0.0/16");
        EXPECT_TRUE(of.waitForRouted({}));
        run("ip route add 10.3.0.0/16 nexthop via 80.0.0.2 dev wan0 "
            "nexthop via 192.168.1.2 dev lan0");
        EXPECT_TRUE(of.waitForRouted({"10.3.0.0/16"}));
    });
}

TEST(Interfaces, LoseTheirRoutesWithTheLink) {
    inOwnNetwork([] {
        run("ip route add 10.1.0.0/16 via 192.168.1.2");
        Monitored of;
        of.monitor.followRoutes({kLan});
        run("ip link set lan0 down");
        EXPECT_TRUE(of.waitForRouted({})) << "of which the kernel says nothing";
        run("ip link del lan0 && ip link add lan0 type veth peer name far0");
        run("ip link set far0 up && ip link set lan0 up && ip address add 192.168.1.1/24 dev lan0");
        run("ip route add 10.2.0.0/16 via 192.168.1.2");
        EXPECT_TRUE(of.waitForRouted({"10.2.0.0/16"}));
    });
}

TEST(Interfaces, AreNotLookedAtForTheRoutesOfOthers) {
    inOwnNetwork([] {
        run("ip link add wan0 type veth peer name far1 && ip link set far1 up");
        run("ip address add 80.0.0.1/24 dev wan0 && ip link set wan0 up");
        Monitored of;
        of.monitor.followRoutes({kLan});
        (void)runUntil(of.loop, [&] { return of.loop.poll() == 0; });
        const int before = of.changes;
        run("for i in $(seq 1 200); do echo route add 10.7.$i.0/24 via 80.0.0.2; done | "
            "ip -batch -");
        run("for i in $(seq 1 200); do echo route add 10.8.$i.0/24 via 192.168.1.2; done | "
            "ip -batch -");
        EXPECT_TRUE(runUntil(of.loop, [&] { return of.lan().routed.size() == 200; }));
        EXPECT_LE(of.changes - before, 3) << "a crowd of routes is one change";
    });
}

TEST(Interfaces, KnowAsManyNetworksAsTheyMay) {
    inOwnNetwork([] {
        run("for i in $(seq 1 250); do echo route add 10.8.$i.0/24 via 192.168.1.2; "
            "echo route add 10.9.$i.0/24 via 192.168.1.2; done | ip -batch -");
        run("ip route add 10.128.0.0/16 via 192.168.1.2");
        Monitored of;
        of.monitor.followRoutes({kLan});
        ASSERT_EQ(of.lan().routed.size(), 256U);
        EXPECT_EQ(toString(of.lan().routed.front()), "10.128.0.0/16") << "the widest first";
    });
}

}  // namespace
}  // namespace igd
