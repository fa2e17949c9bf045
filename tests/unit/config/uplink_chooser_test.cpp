// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/uplink_chooser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

InterfaceName name(const char* text) {
    return InterfaceName::parse(text).value();
}

class UplinkChooserTest : public testing::Test {
protected:
    UplinkChooserTest() {
        for (const char* const each : {"wan0", "wan1", "wan2"}) {
            host_.interfaces.push_back({.name = name(each), .running = true, .leads = {}});
            host_.interfaces.back().addresses = {*parseIpv4Prefix("80.1.2.3/24")};
            host_.interfaces.back().addresses6 = {{*parseIpv6Address("2a0a:1::1"), 64}};
        }
    }
    HostInterface& interface(int number) { return host_.interfaces[static_cast<size_t>(number)]; }
    void routes(std::initializer_list<std::pair<const char*, std::uint32_t>> all) {
        host_.defaultRoutes.clear();
        for (const auto& [by, metric] : all)
            host_.defaultRoutes.push_back({name(by), std::nullopt, metric});
    }
    std::string choose() {
        inUse_ = chooser_.choose(names_, inUse_, host_, now_);
        return inUse_.text();
    }
    std::string chooseAfter(Clock::duration time) {
        now_ += time;
        return choose();
    }

    TimePoint now_ = TimePoint{} + 1h;
    std::vector<InterfaceName> names_{name("wan0"), name("wan1")};
    InterfaceName inUse_ = name("wan0");
    HostFacts host_;
    UplinkChooser chooser_{false};
};

TEST_F(UplinkChooserTest, TakesTheFirstThatIsUpAndHasAnAddress) {
    EXPECT_EQ(choose(), "wan0");
    interface(0).running = false;
    EXPECT_EQ(choose(), "wan1");
    EXPECT_EQ(chooser_.why(), "wan0 is down");
    interface(0).running = true;
    EXPECT_EQ(chooseAfter(kUplinkHold), "wan1") << "it has just come back";
    EXPECT_EQ(chooseAfter(kUplinkHold), "wan0");
    interface(0).addresses.clear();
    EXPECT_EQ(choose(), "wan1");
    EXPECT_EQ(chooser_.why(), "wan0 has no IPv4 address");
    host_.interfaces.erase(host_.interfaces.begin());
    inUse_ = name("wan0");
    EXPECT_EQ(choose(), "wan1");
    EXPECT_THAT(chooser_.why(), HasSubstr("wan0 does not exist"));
}

TEST_F(UplinkChooserTest, StaysWhereNoneCanBeUsed) {
    EXPECT_EQ(choose(), "wan0");
    interface(0).running = interface(1).running = false;
    EXPECT_EQ(choose(), "wan0");
    EXPECT_EQ(chooser_.lookAgainAt(), std::nullopt);
    inUse_ = name("wan2");
    EXPECT_EQ(choose(), "wan0") << "the first of the names";
}

TEST_F(UplinkChooserTest, FollowsTheLowestMetric) {
    routes({{"wan1", 10}, {"wan0", 20}});
    EXPECT_EQ(choose(), "wan1") << "from the start";
    routes({{"wan0", 20}, {"wan1", 20}});
    EXPECT_EQ(choose(), "wan0") << "the order decides";
    routes({{"wan1", 10}});
    EXPECT_EQ(choose(), "wan1");
    EXPECT_EQ(chooser_.why(), "no default route leaves by wan0");
    routes({{"wan2", 5}});
    EXPECT_EQ(choose(), "wan1") << "a route by another interface says nothing";
}

TEST_F(UplinkChooserTest, WaitsForTheOneThatComesBack) {
    routes({{"wan0", 10}, {"wan1", 20}});
    EXPECT_EQ(choose(), "wan0");
    for (int i = 0; i < 3; ++i) {
        interface(0).running = false;
        routes({{"wan1", 20}});
        EXPECT_EQ(choose(), "wan1");
        interface(0).running = true;
        routes({{"wan0", 10}, {"wan1", 20}});
        EXPECT_EQ(choose(), "wan1");
        EXPECT_EQ(chooser_.lookAgainAt(), now_ + kUplinkHold);
        EXPECT_EQ(chooseAfter(1s), "wan1") << "it flaps";
    }
    EXPECT_EQ(chooseAfter(kUplinkHold - 1s), "wan0");
    EXPECT_THAT(chooser_.why(), HasSubstr("wan0 is preferred"));
    EXPECT_EQ(chooser_.lookAgainAt(), std::nullopt);
}

TEST_F(UplinkChooserTest, DoesNotMindARouteThatIsMadeAnew) {
    routes({{"wan1", 10}});
    EXPECT_EQ(choose(), "wan1");
    routes({});
    EXPECT_EQ(choose(), "wan1");
    EXPECT_TRUE(chooser_.lookAgainAt());
    routes({{"wan1", 10}});
    EXPECT_EQ(chooseAfter(1s), "wan1");
    EXPECT_EQ(chooser_.lookAgainAt(), std::nullopt);
}

TEST_F(UplinkChooserTest, PrefersOneThatHasSettledWhenTheOneInUseGoes) {
    names_.push_back(name("wan2"));
    inUse_ = name("wan1");
    interface(0).running = false;
    EXPECT_EQ(choose(), "wan1");
    interface(0).running = true;
    EXPECT_EQ(chooseAfter(1s), "wan1");
    interface(1).running = false;
    EXPECT_EQ(choose(), "wan2");
    interface(2).running = false;
    EXPECT_EQ(choose(), "wan0") << "it has not settled, but there is no other";
}

TEST_F(UplinkChooserTest, LooksAtItsOwnFamily) {
    UplinkChooser six{true};
    EXPECT_EQ(six.choose(names_, name("wan0"), host_, now_).text(), "wan0");
    interface(0).addresses6.clear();
    EXPECT_EQ(six.choose(names_, name("wan0"), host_, now_).text(), "wan1");
    EXPECT_EQ(six.why(), "wan0 has no IPv6 address");
    EXPECT_EQ(choose(), "wan0");
}

}  // namespace
}  // namespace igd
