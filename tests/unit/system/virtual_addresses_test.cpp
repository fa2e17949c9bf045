// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/virtual_addresses.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kLan = InterfaceName::parse("br-lan").value();

Ipv4Prefix v4(const char* text) {
    return parseIpv4Prefix(text).value();
}
Ipv6Prefix v6(const char* address, std::uint8_t length) {
    return {parseIpv6Address(address).value(), length};
}

struct OneInterface final : Interfaces {
    [[nodiscard]] InterfaceState state(const InterfaceName& name) const override {
        return name == kLan ? it : InterfaceState{};
    }
    [[nodiscard]] std::optional<Ipv4Address> source(const InterfaceName&) const override {
        return v4("192.168.50.2").address;
    }
    [[nodiscard]] InterfaceCounters counters(const InterfaceName&) const override {
        return {.bytesSent = 7};
    }
    InterfaceState it{
        .exists = true,
        .running = true,
        .addresses = {v4("192.168.50.2/24"), v4("10.9.0.1/16"), v4("192.168.50.1/32")},
        .addresses6 = {v6("2001:db8::1", 128), v6("2001:db8::2", 64), v6("fe80::2", 64)},
        .index = 3};
};

class VirtualAddressesTest : public testing::Test {
protected:
    OneInterface host_;
};

TEST_F(VirtualAddressesTest, WithoutAnyAllIsAsItIs) {
    EXPECT_EQ(VirtualAddresses(host_, {}).state(kLan), host_.it);
}

TEST_F(VirtualAddressesTest, HideTheRoutersOwn) {
    const VirtualAddresses seen{host_, {v4("192.168.50.1").address}};
    EXPECT_THAT(seen.state(kLan).addresses, ElementsAre(v4("10.9.0.1/16"), v4("192.168.50.1/24")));
    EXPECT_EQ(seen.state(kLan).addresses6, host_.it.addresses6) << "the other family";
    EXPECT_EQ(seen.state(kLan).index, 3);
}

TEST_F(VirtualAddressesTest, OfIPv6HaveTheirNetworkToo) {
    const VirtualAddresses seen{host_, {v6("2001:db8::1", 128).address}};
    EXPECT_THAT(seen.state(kLan).addresses6, ElementsAre(v6("2001:db8::1", 64), v6("fe80::2", 64)));
    EXPECT_EQ(seen.state(kLan).addresses, host_.it.addresses);
}

TEST_F(VirtualAddressesTest, OfAnotherNetworkHideNothing) {
    const VirtualAddresses seen{host_, {v4("80.1.2.3").address}};
    EXPECT_EQ(seen.state(kLan).addresses[0], host_.it.addresses[0]);
    EXPECT_THAT(seen.state(InterfaceName::parse("lan1").value()).addresses, IsEmpty());
}

TEST_F(VirtualAddressesTest, ThatAreWithTheOtherRouterLeaveNoneInTheirNetwork) {
    host_.it.addresses = {v4("192.168.50.2/24")};
    const VirtualAddresses seen{host_, {v4("192.168.50.1").address}};
    EXPECT_THAT(seen.state(kLan).addresses, IsEmpty());
}

TEST_F(VirtualAddressesTest, WithANetworkKeepIt) {
    host_.it.addresses = {v4("192.168.50.2/16"), v4("192.168.50.1/24")};
    const VirtualAddresses seen{host_, {v4("192.168.50.1").address}};
    EXPECT_THAT(seen.state(kLan).addresses, ElementsAre(v4("192.168.50.1/24")));
}

TEST_F(VirtualAddressesTest, ChangeNeitherRouteNorCounters) {
    const VirtualAddresses seen{host_, {v4("192.168.50.1").address}};
    EXPECT_EQ(seen.source(kLan), v4("192.168.50.2").address);
    EXPECT_EQ(seen.counters(kLan).bytesSent, 7U);
}

}  // namespace
}  // namespace igd
