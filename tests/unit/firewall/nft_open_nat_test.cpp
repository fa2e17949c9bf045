// SPDX-License-Identifier: GPL-2.0-or-later
// The rules for hosts with open NAT; network tests say whether the kernel learns by them.
#include "nft/nft_open_nat.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using test::kLan;
using test::kWan;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TableShape shapeWith(std::vector<OpenNat> open, std::optional<int> markPriority = std::nullopt) {
    TableShape shape{kWan, {kLan}, {}, markPriority, 0x30};
    shape.openNat = std::move(open);
    return shape;
}

const OpenNat kConsole{Ipv4Prefix{Ipv4Address{0xc0a83228}, 32}, {{Port{1024}, Port{65535}}}};
const OpenNat kHardware{parseMacAddress("02:00:00:00:00:40").value(), {{Port{500}, Port{500}}}};

TEST(NftOpenNat, IsNotThereWithoutHostsOrPorts) {
    EXPECT_EQ(openNatScript(shapeWith({})), "");
    EXPECT_EQ(openNatScript(shapeWith({{kConsole.host, {}}})), "");
}

TEST(NftOpenNat, KnowsHostsByAddressAndByHardwareAddress) {
    EXPECT_THAT(openNatScript(shapeWith({kConsole, kHardware, {kConsole.host, {}}})),
                AllOf(HasSubstr("oifname \"wan0\" ip saddr 192.168.50.40 meta l4proto 17 udp sport "
                                "{ 1024-65535 } jump open_out"),
                      HasSubstr("ct original ip saddr 192.168.50.40 meta l4proto 17 ct original "
                                "proto-src { 1024-65535 } udp sport { 1024-65535 } goto open_hold"),
                      HasSubstr("ether saddr 02:00:00:00:00:40 meta l4proto 17 ct original "
                                "proto-src { 500 } udp sport { 500 } goto open_hold"),
                      Not(HasSubstr("none"))));
}

TEST(NftOpenNat, IsMarkedAndHairpinsAsMappingsAre) {
    EXPECT_THAT(openNatScript(shapeWith({kConsole})),
                AllOf(HasSubstr("iifname \"lan0\" ip daddr @external4"), Not(HasSubstr("mark"))));
    EXPECT_THAT(openNatScript(shapeWith({kConsole}, -5)),
                HasSubstr("@open4_flows meta mark set meta mark | 0x00000030"));
}

}  // namespace
}  // namespace igd::firewall
