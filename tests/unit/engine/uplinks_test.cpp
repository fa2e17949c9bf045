// SPDX-License-Identifier: GPL-2.0-or-later
#include "uplinks.h"

#include "fake_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kFirst = *InterfaceName::parse("wan0");
const InterfaceName kOther = *InterfaceName::parse("wan1");
constexpr Ipv4Address kAddress{0x50646401};
constexpr Ipv4Address kOtherAddress{0x50646501};
constexpr Ipv4Address kSpare{0x50646502};
constexpr Ipv4Address kClient{0xc0a8010a};

class UplinksTest : public testing::Test {
protected:
    UplinksTest() {
        interfaces_.set(kFirst, kAddress);
        interfaces_.set(kOther, kOtherAddress);
        interfaces_.of(kOther).addresses.push_back({kSpare, 24});
        configuration_.external = Uplink{{kFirst, kOther}};
        configuration_.uplinkUse = UplinkUse::All;
        configuration_.markBits = 0x00ff0000;
        (void)wan_.refresh(now_);
    }
    bool look() { return uplinks_.look(configuration_, wan_, now_); }

    TimePoint now_ = Clock::now();
    FakeInterfaces interfaces_;
    Configuration configuration_{Settings{}, kFirst, {*InterfaceName::parse("lan0")}};
    Wan wan_{interfaces_, kFirst, {}, {}};
    std::optional<InterfaceName> leavesBy_ = kFirst;
    int questions_ = 0;
    Uplinks uplinks_{interfaces_, [this](Ipv4Address) {
                         ++questions_;
                         return leavesBy_;
                     }};
};

TEST_F(UplinksTest, FindsMappedPortsAtEachAddress) {
    EXPECT_TRUE(look());
    EXPECT_FALSE(look()) << "nothing is new";
    EXPECT_THAT(uplinks_.sides().uplinks,
                ElementsAre(UplinkSide{kFirst, {kAddress}, 0x00010000},
                            UplinkSide{kOther, {kOtherAddress}, 0x00020000}));
    EXPECT_THAT(uplinks_.mappedAt({kAddress}), ElementsAre(kAddress, kOtherAddress));
    EXPECT_THAT(uplinks_.others(), ElementsAre(kOtherAddress, kSpare));
    EXPECT_EQ(uplinks_.describe(), "wan0 at 80.100.100.1, wan1 at 80.100.101.1");
    interfaces_.of(kOther).running = false;
    EXPECT_TRUE(look());
    EXPECT_THAT(uplinks_.mappedAt({kAddress}), ElementsAre(kAddress));
    EXPECT_EQ(uplinks_.describe(), "wan0 at 80.100.100.1, wan1 at no address");
}

TEST_F(UplinksTest, TellsAClientTheAddressByWhichItsPacketsLeave) {
    ASSERT_TRUE(look());
    const auto elsewhere = uplinks_.elsewhere();
    EXPECT_EQ(elsewhere(kClient), std::nullopt) << "the first one's";
    leavesBy_ = kOther;
    EXPECT_EQ(elsewhere(kClient), std::nullopt) << "it was asked just now";
    EXPECT_EQ(questions_, 1);
    EXPECT_EQ(elsewhere(Ipv4Address{kClient.value() + 1}), kOtherAddress);
    interfaces_.set(kOther, kSpare);
    ASSERT_TRUE(look());
    EXPECT_EQ(elsewhere(kClient), kSpare);
    leavesBy_ = std::nullopt;
    EXPECT_EQ(elsewhere(Ipv4Address{1}), std::nullopt);
}

TEST_F(UplinksTest, UsesOneWhereTheOthersWait) {
    configuration_.uplinkUse = UplinkUse::Failover;
    EXPECT_FALSE(look());
    EXPECT_THAT(uplinks_.sides().uplinks, IsEmpty());
    EXPECT_THAT(uplinks_.mappedAt({kAddress}), ElementsAre(kAddress));
    EXPECT_THAT(uplinks_.others(), ElementsAre(kOtherAddress, kSpare)) << "they may be in use next";
    EXPECT_FALSE(uplinks_.elsewhere());
}

}  // namespace
}  // namespace igd
