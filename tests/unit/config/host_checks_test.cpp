// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/host_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

InterfaceName name(const char* text) {
    return *InterfaceName::parse(text);
}

HostInterface interface(const char* text, const char* address = nullptr, const char* kind = "") {
    HostInterface result{.name = name(text), .running = true, .kind = kind, .leads = std::nullopt};
    if (address != nullptr) result.addresses.push_back(*parseIpv4Prefix(address));
    return result;
}

/// A router: wan0, the bridge lan0 with its port p1, and lo.
HostFacts router() {
    HostFacts host{.interfaces = {interface("lo"), interface("wan0", "80.1.2.3/24"),
                                  interface("lan0", "192.168.2.3/24", "bridge"), interface("p1")},
                   .defaultRoutes = {HostFacts::DefaultRoute{name("wan0"), std::nullopt}}};
    host.interfaces[0].isLoopback = true;
    host.interfaces[3].leads = name("lan0");
    return host;
}

ParsedConfiguration checked(std::string_view text) {
    auto parsed = parseConfiguration(text, "f");
    parsed.file = "f";
    findInterfaces(router(), parsed);
    checkAgainst(router(), parsed);
    return parsed;
}

/// The only diagnostic that `text` gives beside that host.
std::string only(std::string_view text) {
    const auto parsed = checked(text);
    EXPECT_THAT(parsed.diagnostics, SizeIs(1)) << text;
    return parsed.diagnostics.empty() ? "" : toString(parsed.diagnostics.front());
}

TEST(HostChecks, SayNothingOfAGoodFile) {
    EXPECT_THAT(checked("external_interface = wan0\ninternal_interface = lan0").diagnostics,
                IsEmpty());
}

TEST(HostChecks, RefuseMetricsOnTheExternalInterface) {
    const std::string sides = "external_interface = wan0\ninternal_interface = lan0\n";
    EXPECT_THAT(only(sides + "metrics_listen = 80.1.2.3:9912"),
                AllOf(HasSubstr("f:3: error: metrics_listen: 80.1.2.3"),
                      HasSubstr("the external interface")));
    EXPECT_THAT(only(sides + "metrics_listen = 10.9.0.1:9912"),
                HasSubstr("f:3: warning: metrics_listen: no interface has 10.9.0.1 yet"));
    for (const char* const good : {"192.168.2.3:9912", "127.0.0.1:9912", "[::1]:9912", "none"})
        EXPECT_THAT(checked(sides + "metrics_listen = " + good).diagnostics, IsEmpty()) << good;
}

TEST(HostChecks, TellAbsentInterfacesPortsAndLoApart) {
    EXPECT_EQ(only("external_interface = wan0\ninternal_interface = lan9"),
              "f:2: warning: lan9: no such interface yet (there is wan0, lan0); it is waited for");
    EXPECT_EQ(only("external_interface = wan0\ninternal_interface = p1"),
              "f:2: warning: p1 is a port of bridge lan0: name lan0");
    EXPECT_EQ(only("external_interface = wan0\ninternal_interface = lo"),
              "f:2: error: lo is no LAN: name the interface to the clients");
    EXPECT_THAT(only("external_interface = lo\ninternal_interface = lan0"),
                HasSubstr("f:1: error: lo does not lead to the Internet"));
    EXPECT_THAT(only("external_interface = wan0.7@wan0\ninternal_interface = lan0"),
                AllOf(HasSubstr("no such interface yet"), HasSubstr("before the @, wan0.7")));
}

TEST(HostChecks, SayThatAutoWaitsForARoute) {
    EXPECT_THAT(checked("external_interface = auto\ninternal_interface = lan0").diagnostics,
                IsEmpty());
    EXPECT_THAT(only("external_interface = wan0\nexternal_interface6 = auto\n"
                     "internal_interface = lan0"),
                HasSubstr("f:2: warning: external_interface6 = auto: no default route leads"));
    EXPECT_THAT(only("external_interface = auto\ninternal_interface = lan0\n"
                     "metrics_listen = 80.1.2.3:9912"),
                HasSubstr("the external interface"));
}

TEST(HostChecks, NoticeTwoSidesThatAreMixedUp) {
    EXPECT_EQ(only("external_interface = lan0\ninternal_interface = wan0"),
              "f:2: warning: the default route leaves by wan0, which is an internal interface: "
              "are the two sides mixed up?");
}

TEST(HostChecks, FindTheInterfaceOfAnAddress) {
    const auto parsed = checked(
        "ext_ifname=wan0\nlistening_ip=192.168.2.3/24\nlistening_ip=192.168.0.0/16\n"
        "listening_ip=10.9.9.1/24\n");
    ASSERT_THAT(parsed.internal, SizeIs(2));
    EXPECT_EQ(parsed.internal[0].name.text(), "lan0");
    EXPECT_EQ(parsed.internal[1].name.text(), "lan0");
    ASSERT_THAT(parsed.networks, SizeIs(1));
    ASSERT_THAT(parsed.diagnostics, SizeIs(1));
    EXPECT_EQ(toString(parsed.diagnostics[0]),
              "f:4: warning: no interface has an address of 10.9.9.1/24 yet; it is waited for");
}

TEST(HostChecks, SumUpBothSides) {
    Configuration configuration{
        Settings{}, name("wan0"), {name("lan0"), name("lan9")}, {*parseIpv4Prefix("10.9.9.1/24")}};
    EXPECT_EQ(summary(configuration, router()),
              "wan0 (up, public 80.1.2.3) -> lan0, lan9 (no such interface yet), 10.9.9.1/24 (on "
              "no interface yet)");
    configuration.externalInterface = name("p1");
    EXPECT_THAT(summary(configuration, router()), HasSubstr("p1 (up, no address) -> lan0"));
    configuration.internalPatterns = {*InterfacePattern::parse("ve-*")};
    configuration.external = Uplink{};
    EXPECT_THAT(summary(configuration, router()),
                AllOf(StartsWith("auto: p1 (up, no address) -> lan0"),
                      HasSubstr(", ve-* (as they come), 10.9.9.1/24")));
    configuration.externalInterface = InterfaceName::none();
    configuration.external6 = Uplink{};
    EXPECT_THAT(summary(configuration, router()),
                StartsWith("auto (no default route yet), IPv6 auto: wan0 -> lan0"));
    configuration.external6.reset();
    configuration.external = Uplink{{name("ppp0")}};
    configuration.externalInterface = name("ppp0");
    EXPECT_THAT(summary(configuration, {}), HasSubstr("ppp0 (no such interface yet) ->"));
}

}  // namespace
}  // namespace igd
