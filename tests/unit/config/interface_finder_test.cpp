// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/interface_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

InterfaceName name(const char* text) {
    return InterfaceName::parse(text).value();
}

class InterfaceFinderTest : public testing::Test {
protected:
    InterfaceFinderTest() {
        configuration_.external = Uplink{};
        for (const char* const each : {"lo", "wan0", "wan1", "br-lan", "ve-a"}) has(each);
        host_.interfaces[0].isLoopback = true;
    }
    HostInterface& has(const char* text) {
        return host_.interfaces.emplace_back(HostInterface{.name = name(text), .leads = {}});
    }
    void routes(std::initializer_list<const char*> by) {
        host_.defaultRoutes.clear();
        for (const char* const each : by) host_.defaultRoutes.push_back({name(each), {}});
    }
    void serves(const char* pattern) {
        configuration_.internalPatterns.push_back(*InterfacePattern::parse(pattern));
    }
    bool find() { return finder_.find(configuration_, host_, TimePoint{}); }
    [[nodiscard]] const std::string& external() const {
        return configuration_.externalInterface.text();
    }

    HostFacts host_;
    InterfaceFinder finder_;
    Configuration configuration_{Settings{}, InterfaceName::none(), {name("br-lan")}};
};

TEST_F(InterfaceFinderTest, FollowsTheFirstDefaultRoute) {
    EXPECT_FALSE(find());
    EXPECT_TRUE(configuration_.externalInterface.isNone());
    routes({"wan1", "wan0"});
    EXPECT_TRUE(find());
    EXPECT_EQ(external(), "wan1");
    EXPECT_EQ(configuration_.externalInterface6, configuration_.externalInterface);
    EXPECT_FALSE(find()) << "nothing is new";
    routes({"wan0"});
    EXPECT_TRUE(find());
    EXPECT_EQ(external(), "wan0");
    routes({});
    EXPECT_FALSE(find()) << "it stays until another one is there";
}

TEST_F(InterfaceFinderTest, NeverTakesAnInternalInterface) {
    routes({"br-lan", "lo", "wan0"});
    EXPECT_TRUE(find());
    EXPECT_EQ(external(), "wan0");
    configuration_.internalInterfaces.push_back(name("wan0"));
    EXPECT_TRUE(find());
    EXPECT_TRUE(configuration_.externalInterface.isNone());
}

TEST_F(InterfaceFinderTest, LeavesANamedOneAlone) {
    configuration_.external = Uplink{{name("ppp0")}};
    configuration_.externalInterface = configuration_.externalInterface6 = name("ppp0");
    routes({"wan0"});
    EXPECT_FALSE(find());
    EXPECT_EQ(external(), "ppp0");
}

TEST_F(InterfaceFinderTest, UsesOneOfSeveralAndServesNoneOfThem) {
    configuration_.external = Uplink{{name("wan0"), name("wan1")}};
    configuration_.externalInterface = name("wan0");
    serves("wan*");
    for (HostInterface& each : host_.interfaces) {
        each.running = true;
        each.addresses = {*parseIpv4Prefix("80.1.2.3/24")};
    }
    routes({"wan1"});
    EXPECT_TRUE(find());
    EXPECT_EQ(external(), "wan1");
    EXPECT_EQ(finder_.why(false), "no default route leaves by wan0");
    EXPECT_EQ(configuration_.externalInterface6, configuration_.externalInterface);
    EXPECT_THAT(configuration_.matchedInterfaces, IsEmpty());
    routes({"wan0", "wan1"});
    EXPECT_FALSE(find());
    EXPECT_EQ(finder_.lookAgainAt(), TimePoint{} + kUplinkHold);
}

TEST_F(InterfaceFinderTest, FollowsEachFamilyByItself) {
    configuration_.external6 = Uplink{};
    routes({"wan0"});
    host_.defaultRoutes6 = {{name("wan1"), {}}};
    EXPECT_TRUE(find());
    EXPECT_EQ(external(), "wan0");
    EXPECT_EQ(configuration_.externalInterface6.text(), "wan1");
}

TEST_F(InterfaceFinderTest, ServesWhatComesAndDropsWhatGoes) {
    serves("ve-*");
    routes({"wan0"});
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.internalInterfaces, ElementsAre(name("br-lan"), name("ve-a")));
    EXPECT_THAT(configuration_.namedInternal(), ElementsAre(name("br-lan")));
    has("ve-b");
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.matchedInterfaces, ElementsAre(name("ve-a"), name("ve-b")));
    host_.interfaces.pop_back();
    host_.interfaces.pop_back();
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.internalInterfaces, ElementsAre(name("br-lan")));
}

TEST_F(InterfaceFinderTest, MatchesNoUplinkAndNoPortOfABridge) {
    serves("w*");
    serves("l*");
    serves("ve-*");
    serves("br-*");
    host_.interfaces.back().leads = name("br-lan");
    host_.defaultRoutes6 = {{name("wan1"), {}}};
    routes({"wan0"});
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.matchedInterfaces, IsEmpty());
    EXPECT_THAT(configuration_.internalInterfaces, ElementsAre(name("br-lan")));
}

TEST_F(InterfaceFinderTest, MatchesNothingBeforeTheUplinkIsKnown) {
    serves("wan*");
    EXPECT_FALSE(find());
    EXPECT_THAT(configuration_.matchedInterfaces, IsEmpty());
}

TEST_F(InterfaceFinderTest, MatchesNoUplinkOfThePast) {
    serves("wan*");
    routes({"wan1"});
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.matchedInterfaces, ElementsAre(name("wan0")));
    routes({"wan0"});
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.matchedInterfaces, IsEmpty()) << "wan1 was the uplink";
}

TEST_F(InterfaceFinderTest, FindsTheInterfaceOfANetwork) {
    configuration_.awaitedNetworks = {*parseIpv4Prefix("10.9.9.1/24")};
    EXPECT_FALSE(find());
    host_.interfaces.back().addresses = {*parseIpv4Prefix("10.9.9.1/24")};
    EXPECT_TRUE(find());
    EXPECT_THAT(configuration_.namedInternal(), ElementsAre(name("br-lan"), name("ve-a")));
    EXPECT_THAT(configuration_.awaitedNetworks, IsEmpty());
}

}  // namespace
}  // namespace igd
