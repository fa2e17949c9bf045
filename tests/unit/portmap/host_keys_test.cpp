// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/host_keys.h"

#include <gtest/gtest.h>

#include <map>

namespace igd {
namespace {

using namespace std::chrono_literals;
using State = NeighbourEntry::State;

const TimePoint t0{Seconds{100}};
const IpAddress kRouter = parseIpv4Address("192.168.1.1").value();
const IpAddress kConsole = parseIpv4Address("192.168.1.10").value();
const IpAddress kAlias = parseIpv4Address("192.168.1.11").value();
const IpAddress kConsole6 = parseIpv6Address("2001:db8::10").value();
const IpAddress kBeyond = parseIpv4Address("10.9.0.5").value();
const MacAddress kMac{{2, 0, 0, 0, 0, 0x10}};
const MacAddress kOtherMac{{2, 0, 0, 0, 0, 0x11}};

class HostKeysTest : public testing::Test {
protected:
    Lan lan_{.interface = InterfaceName::parse("lan0").value(),
             .addresses = {parseIpv4Prefix("192.168.1.1/24").value()},
             .addresses6 = {{parseIpv6Address("2001:db8::1").value(), 64}},
             .routed = {parseIpv4Prefix("10.9.0.0/16").value()}};
    std::map<IpAddress, NeighbourEntry> table_;
    int questions_ = 0;
    HostKeys hosts_{lan_, [this](const IpAddress& host) {
                        ++questions_;
                        return table_[host];
                    }};
};

TEST_F(HostKeysTest, AllAddressesOfANeighbourAreOneHost) {
    for (const IpAddress& each : {kConsole, kAlias, kConsole6}) {
        table_[each] = {State::Valid, kMac};
        EXPECT_EQ(hosts_.of(each, t0), HostKey{kMac});
    }
}

TEST_F(HostKeysTest, WhoIsNotKnownIsHisAddress) {
    EXPECT_EQ(hosts_.of(kConsole, t0), hostKeyOf(kConsole, std::nullopt));
    EXPECT_EQ(hosts_.of(kConsole6, t0), hostKeyOf(kConsole6, std::nullopt));
}

TEST_F(HostKeysTest, AHostBehindAnotherRouterAndThisRouterAreNotAskedFor) {
    EXPECT_EQ(hosts_.of(kBeyond, t0), hostKeyOf(kBeyond, std::nullopt));
    EXPECT_EQ(hosts_.of(kRouter, t0), hostKeyOf(kRouter, std::nullopt));
    EXPECT_EQ(hosts_.wayTo(kBeyond, t0), Way::Aside);
    EXPECT_EQ(hosts_.wayTo(kRouter, t0), Way::Straight);
    EXPECT_EQ(questions_, 0);
}

TEST_F(HostKeysTest, NoAnswerLeavesOnceTheRouterMayBeReplaced) {
    table_[kConsole] = {State::Valid, kMac};
    EXPECT_TRUE(hosts_.mayAnswer(t0 + Seconds{1'000'000}));
    hosts_.mayAnswerUntil(t0 + Seconds{1});
    EXPECT_EQ(hosts_.wayTo(kConsole, t0), Way::Straight);
    for (const IpAddress& each : {kConsole, kRouter, kBeyond})
        EXPECT_EQ(hosts_.wayTo(each, t0 + Seconds{1}), Way::Nowhere);
    hosts_.mayAnswerUntil(t0 + Seconds{3});
    EXPECT_EQ(hosts_.wayTo(kConsole, t0 + Seconds{2}), Way::Straight);
}

TEST_F(HostKeysTest, AnAnswerIsRememberedForAMoment) {
    table_[kConsole] = {State::Valid, kMac};
    EXPECT_EQ(hosts_.of(kConsole, t0), HostKey{kMac});
    table_[kConsole] = {State::Valid, kOtherMac};
    EXPECT_EQ(hosts_.of(kConsole, t0 + HostKeys::kKnown - 1ms), HostKey{kMac});
    EXPECT_EQ(questions_, 1);
    EXPECT_EQ(hosts_.of(kConsole, t0 + HostKeys::kKnown), HostKey{kOtherMac});
}

TEST_F(HostKeysTest, ThatAHostIsNotKnownIsForgottenSooner) {
    EXPECT_FALSE(isNeighbour(hosts_.of(kConsole, t0)));
    table_[kConsole] = {State::Valid, kMac};
    EXPECT_FALSE(isNeighbour(hosts_.of(kConsole, t0 + HostKeys::kUnknown - 1ms)));
    EXPECT_EQ(questions_, 1);
    EXPECT_TRUE(isNeighbour(hosts_.of(kConsole, t0 + HostKeys::kUnknown)));
}

TEST_F(HostKeysTest, TheWayIsStraightOnlyToWhoIsKnown) {
    EXPECT_EQ(hosts_.wayTo(kConsole, t0), Way::Aside);
    table_[kConsole] = {State::LookedFor, std::nullopt};
    EXPECT_EQ(hosts_.wayTo(kConsole, t0), Way::AsideIfRoom);
    table_[kConsole] = {State::Valid, kMac};
    EXPECT_EQ(hosts_.wayTo(kConsole, t0), Way::Straight);  // at once, not a moment later
    EXPECT_EQ(hosts_.of(kConsole, t0), HostKey{kMac});
}

TEST_F(HostKeysTest, ALinkWithoutHardwareAddressesHasNoQueue) {
    table_[kConsole] = {State::Valid, std::nullopt};
    EXPECT_EQ(hosts_.wayTo(kConsole, t0), Way::Straight);
    EXPECT_EQ(hosts_.of(kConsole, t0), hostKeyOf(kConsole, std::nullopt));
}

TEST_F(HostKeysTest, MoreAddressesThanItRemembersAreAskedForAgain) {
    for (std::uint32_t i = 0; i < 65536; ++i) {
        const IpAddress host = Ipv4Address{0xc0a80100 + i % 250 + 2};
        table_[host] = {State::Valid,
                        MacAddress{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(i % 250)}}};
        EXPECT_EQ(hosts_.of(host, t0), hostKeyOf(host, table_[host].mac));
    }
}

TEST_F(HostKeysTest, NetworksChange) {
    table_[kBeyond] = {State::Valid, kMac};
    lan_.addresses.push_back(parseIpv4Prefix("10.9.0.1/16").value());
    hosts_.addressesChanged(lan_);
    EXPECT_EQ(hosts_.of(kBeyond, t0), HostKey{kMac});
}

}  // namespace
}  // namespace igd
