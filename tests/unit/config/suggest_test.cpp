// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/suggest.h"

#include "upnpd/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

HostInterface interface(const char* name, const char* address, const char* kind = "") {
    HostInterface result{.name = *InterfaceName::parse(name), .kind = kind, .leads = std::nullopt};
    result.addresses.push_back(*parseIpv4Prefix(address));
    return result;
}

HostFacts router() {
    HostFacts host{.interfaces = {interface("lo", "127.0.0.1/8"), interface("wan0", "80.1.2.3/24"),
                                  interface("lan0", "192.168.1.1/24", "bridge"),
                                  interface("docker0", "172.17.0.1/16", "bridge"),
                                  interface("wg0", "10.8.0.1/24", "wireguard"),
                                  interface("p1", "192.168.7.1/24")},
                   .defaultRoutes = {HostFacts::DefaultRoute{*InterfaceName::parse("wan0"),
                                                             parseIpv4Address("80.1.2.1")}}};
    host.interfaces[0].isLoopback = true;
    host.interfaces[5].leads = InterfaceName::parse("lan0");
    return host;
}

TEST(Suggest, NamesBothSidesWithReasons) {
    const auto suggestion = suggestConfiguration(router());
    EXPECT_TRUE(suggestion.isComplete);
    const std::string& text = suggestion.text;
    EXPECT_THAT(text, HasSubstr("# The default route (to 80.1.2.1) leaves by wan0.\n"
                                "# wan0 has 80.1.2.3/24 (public).\nexternal_interface = wan0\n"));
    EXPECT_THAT(text, HasSubstr("# lan0, of kind bridge, has 192.168.1.1/24 (private).\n"
                                "internal_interface = lan0\n"));
    EXPECT_THAT(text, HasSubstr("# Not proposed: it looks like a network of containers.\n"
                                "#internal_interface = docker0\n"));
    EXPECT_THAT(text, HasSubstr("# Not proposed: it is a tunnel.\n#internal_interface = wg0\n"));
    EXPECT_THAT(text, Not(HasSubstr("p1")));
}

TEST(Suggest, CanBeReadAsItIs) {
    const auto parsed = parseConfiguration(suggestConfiguration(router()).text, "f");
    EXPECT_TRUE(parsed.ok());
    ASSERT_TRUE(parsed.external);
    EXPECT_EQ(toString(parsed.external->uplink), "wan0");
    ASSERT_THAT(parsed.internal, SizeIs(1));
    EXPECT_EQ(parsed.internal[0].name.text(), "lan0");
}

TEST(Suggest, TellsOfAnotherRouterInFront) {
    auto host = router();
    host.interfaces[1].addresses = {*parseIpv4Prefix("100.71.3.4/10")};
    EXPECT_THAT(suggestConfiguration(host).text,
                HasSubstr("another router is in front. Ask it for\n# each port, or see "
                          "external_address.\n#upstream = auto\n"));
}

TEST(Suggest, NamesSeveralLinesAndTakesNoneForALan) {
    HostFacts host = router();
    host.interfaces.push_back({.name = *InterfaceName::parse("wan1"), .leads = std::nullopt});
    host.interfaces.back().addresses = {*parseIpv4Prefix("192.168.100.2/24")};
    host.defaultRoutes.push_back({*InterfaceName::parse("wan1"), std::nullopt, 200});
    const auto suggestion = suggestConfiguration(host);
    EXPECT_THAT(suggestion.text, HasSubstr("\n#external_interface = wan0 wan1\n"));
    EXPECT_THAT(suggestion.text, Not(HasSubstr("internal_interface = wan1")));
}

TEST(Suggest, SaysWhichSideIsNotKnown) {
    const auto suggestion = suggestConfiguration({});
    EXPECT_FALSE(suggestion.isComplete);
    EXPECT_THAT(suggestion.text, HasSubstr("#external_interface = NAME\n"));
    EXPECT_THAT(suggestion.text, HasSubstr("#internal_interface = NAME\n"));
}

}  // namespace
}  // namespace igd
