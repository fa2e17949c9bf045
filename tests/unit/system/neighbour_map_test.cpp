// SPDX-License-Identifier: GPL-2.0-or-later
#include "neighbour_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Change = NeighbourMap::Change;
using State = NeighbourState;

const Ipv4Address kConsole{0xc0a8010a};
const Ipv4Address kPhone{0xc0a8010b};
const MacAddress kMac{{2, 0, 0, 0, 0, 10}};
const MacAddress kOtherMac{{2, 0, 0, 0, 0, 11}};
constexpr int kLan = 3;
constexpr int kOtherLan = 4;

NeighbourNews known(const IpAddress& host, const MacAddress& mac, State state = State::Known) {
    return {.interface = kLan, .host = host, .mac = mac, .state = state};
}

NeighbourNews failed(const IpAddress& host) {
    return {.interface = kLan, .host = host, .mac = std::nullopt, .state = State::Failed};
}

TEST(NeighbourMap, FindsAHostOnce) {
    NeighbourMap map;
    EXPECT_EQ(map.macOf(kLan, kConsole), std::nullopt);
    EXPECT_EQ(map.apply(known(kConsole, kMac)), Change::Found);
    EXPECT_EQ(map.apply(known(kConsole, kMac, State::Reachable)), Change::None);
    EXPECT_EQ(map.apply(known(kConsole, kMac)), Change::None);
    EXPECT_EQ(map.macOf(kLan, kConsole), kMac);
    EXPECT_EQ(map.macOf(kOtherLan, kConsole), std::nullopt);
}

TEST(NeighbourMap, TellsOfAnotherHardwareAddress) {
    NeighbourMap map;
    (void)map.apply(known(kConsole, kMac));
    EXPECT_EQ(map.apply(known(kConsole, kOtherMac)), Change::Found);
    EXPECT_EQ(map.macOf(kLan, kConsole), kOtherMac);
    EXPECT_THAT(map.ipv4Of(kLan, kMac), IsEmpty());
    EXPECT_THAT(map.ipv4Of(kLan, kOtherMac), ElementsAre(kConsole));
}

TEST(NeighbourMap, LosesWhoDoesNotAnswerAndFindsItAgain) {
    NeighbourMap map;
    (void)map.apply(known(kConsole, kMac));
    EXPECT_EQ(map.apply(failed(kConsole)), Change::Lost);
    EXPECT_EQ(map.macOf(kLan, kConsole), std::nullopt);
    EXPECT_THAT(map.ipv4Of(kLan, kMac), IsEmpty());
    EXPECT_EQ(map.apply(failed(kConsole)), Change::Lost);
    EXPECT_EQ(map.apply(known(kConsole, kMac, State::Reachable)), Change::Found);
}

TEST(NeighbourMap, IsToldOfOneThatNeverWasThere) {
    NeighbourMap map;
    EXPECT_EQ(map.apply(failed(kConsole)), Change::Lost);
    EXPECT_EQ(map.size(), 0U);
}

TEST(NeighbourMap, ForgetsInSilence) {
    NeighbourMap map;
    (void)map.apply(known(kConsole, kMac));
    EXPECT_EQ(map.apply({.interface = kLan, .host = kConsole}), Change::None);
    EXPECT_EQ(map.macOf(kLan, kConsole), std::nullopt);
    EXPECT_THAT(map.ipv4Of(kLan, kMac), IsEmpty());
}

TEST(NeighbourMap, KnowsNoHostWithoutAHardwareAddress) {
    NeighbourMap map;
    EXPECT_EQ(map.apply({.interface = kLan, .host = kConsole, .state = State::Reachable}),
              Change::None);
    EXPECT_EQ(map.size(), 0U);
}

TEST(NeighbourMap, KnowsWhoHasJustAnswered) {
    NeighbourMap map;
    (void)map.apply(known(kConsole, kMac, State::Reachable));
    EXPECT_TRUE(map.isReachable(kLan, kConsole));
    (void)map.apply(known(kConsole, kMac, State::Known));
    EXPECT_FALSE(map.isReachable(kLan, kConsole));
    EXPECT_FALSE(map.isReachable(kLan, kPhone));
}

TEST(NeighbourMap, HasTheIpv4AddressesOfAHostInOrder) {
    NeighbourMap map;
    (void)map.apply(known(kPhone, kMac));
    (void)map.apply(known(kConsole, kMac));
    (void)map.apply(known(*parseIpv6Address("2001:db8::5"), kMac));
    (void)map.apply({.interface = kOtherLan, .host = kConsole, .mac = kMac, .state = State::Known});
    EXPECT_THAT(map.ipv4Of(kLan, kMac), ElementsAre(kConsole, kPhone));
    EXPECT_THAT(map.ipv4Of(kOtherLan, kMac), ElementsAre(kConsole));
    (void)map.apply(known(kPhone, kMac, State::Reachable));
    EXPECT_THAT(map.ipv4Of(kLan, kMac), ElementsAre(kPhone, kConsole)) << "that one has answered";
    EXPECT_EQ(map.macOf(kLan, *parseIpv6Address("2001:db8::5")), kMac);
}

TEST(NeighbourMap, ForgetsAnInterface) {
    NeighbourMap map;
    (void)map.apply(known(kConsole, kMac));
    (void)map.apply({.interface = kOtherLan, .host = kPhone, .mac = kMac, .state = State::Known});
    map.forget(kLan);
    EXPECT_EQ(map.macOf(kLan, kConsole), std::nullopt);
    EXPECT_THAT(map.ipv4Of(kLan, kMac), IsEmpty());
    EXPECT_EQ(map.macOf(kOtherLan, kPhone), kMac);
}

TEST(NeighbourMap, AWholeLookForgetsWhatIsNotSeen) {
    NeighbourMap map;
    (void)map.apply(known(kConsole, kMac));
    (void)map.apply(known(kPhone, kOtherMac));
    map.beginLook();
    EXPECT_EQ(map.apply(known(kPhone, kOtherMac)), Change::None);
    EXPECT_EQ(map.macOf(kLan, kConsole), kMac) << "before the look is over";
    map.endLook();
    EXPECT_EQ(map.macOf(kLan, kConsole), std::nullopt);
    EXPECT_EQ(map.macOf(kLan, kPhone), kOtherMac);
}

TEST(NeighbourMap, IsBounded) {
    NeighbourMap map;
    for (std::uint32_t host = 0; host < NeighbourMap::kMost; ++host)
        ASSERT_EQ(map.apply(known(Ipv4Address{0x0a000000 + host}, kMac)), Change::Found);
    EXPECT_EQ(map.apply(known(kConsole, kMac)), Change::None);
    EXPECT_EQ(map.macOf(kLan, kConsole), std::nullopt);
    EXPECT_EQ(map.apply(known(Ipv4Address{0x0a000000}, kOtherMac)), Change::Found);
    (void)map.apply(failed(Ipv4Address{0x0a000001}));
    EXPECT_EQ(map.apply(known(kConsole, kMac)), Change::Found);
}

}  // namespace
}  // namespace igd
