// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/external_address.h"

#include "upnpd/external/external_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using From = ExternalAddressSetting::From;
using testing::HasSubstr;
using testing::Not;

const Ipv4Address kCarrier{0x64470304};  // 100.71.3.4
const Ipv4Address kPrivate{0x0a000002};
const Ipv4Address kPublic{0x50646401};  // 80.100.100.1
const Ipv4Address kOuter{0x50010203};   // 80.1.2.3
const StunServer kServer{"stun.example", Port{3478}};

StunReport answer(Ipv4Address address) {
    return {StunAnswer{{address, Port{40000}}, Port{40000}}, ""};
}
const StunReport kFailed{std::nullopt, "no answer"};

ExternalAddress by(From from, std::optional<Ipv4Address> own) {
    ExternalAddress external{{from, kOuter, kServer}};
    external.interfaceHas(own);
    return external;
}

TEST(ExternalAddress, IsTheInterfacesOwnUnlessSomethingElseIsSaid) {
    const auto external = by(From::Interface, kCarrier);
    EXPECT_EQ(external.told(), kCarrier);
    EXPECT_EQ(external.source(), "");
    EXPECT_FALSE(external.isAskedFor());
}

TEST(ExternalAddress, IsTheConfiguredOneWhileTheInterfaceHasAny) {
    auto external = by(From::Configured, std::nullopt);
    EXPECT_EQ(external.told(), std::nullopt);
    for (const Ipv4Address own : {kCarrier, kPublic}) {
        external.interfaceHas(own);
        EXPECT_EQ(external.told(), kOuter);
        EXPECT_EQ(external.source(), "configured");
    }
    EXPECT_FALSE(external.isAskedFor());
    external.interfaceHas(kOuter);
    EXPECT_EQ(external.source(), "") << "it is the interface's own";
    external.interfaceHas(std::nullopt);
    EXPECT_EQ(external.told(), std::nullopt);
}

TEST(ExternalAddress, AServerIsAskedBehindAnotherNatOnly) {
    EXPECT_FALSE(by(From::Stun, std::nullopt).isAskedFor());
    EXPECT_FALSE(by(From::Stun, kPublic).isAskedFor());
    for (const char* own :
         {"100.71.3.4", "10.0.0.2", "192.168.0.2", "169.254.3.4", "192.0.0.2", "198.18.0.2"})
        EXPECT_TRUE(by(From::Stun, parseIpv4Address(own)).isAskedFor()) << own;
}

TEST(ExternalAddress, IsTheInterfacesOwnUntilTheServerAnswers) {
    auto external = by(From::Stun, kCarrier);
    EXPECT_EQ(external.told(), kCarrier);
    EXPECT_EQ(external.remark(), "stun.example:3478: not answered yet");
    external.heard(kFailed);
    EXPECT_EQ(external.told(), kCarrier);
    EXPECT_EQ(external.remark(), "stun.example:3478: no answer");
    external.heard(answer(kOuter));
    EXPECT_EQ(external.told(), kOuter);
    EXPECT_EQ(external.source(), "stun.example:3478");
    EXPECT_EQ(external.remark(), "");
}

TEST(ExternalAddress, TheLastAnswerCountsUntilTheNext) {
    auto external = by(From::Stun, kCarrier);
    external.heard(answer(kOuter));
    external.heard(kFailed);
    EXPECT_EQ(external.told(), kOuter);
    external.heard(answer(kPublic));
    EXPECT_EQ(external.told(), kPublic);
}

TEST(ExternalAddress, AnAnswerIsOfOneAddressOfTheInterface) {
    auto external = by(From::Stun, kCarrier);
    external.heard(answer(kOuter));
    external.interfaceHas(kCarrier);
    EXPECT_EQ(external.told(), kOuter) << "nothing has changed";
    external.interfaceHas(kPrivate);
    EXPECT_EQ(external.told(), kPrivate);
    external.heard(answer(kOuter));
    external.interfaceHas(std::nullopt);
    EXPECT_EQ(external.told(), std::nullopt);
    external.heard(answer(kOuter));
    EXPECT_EQ(external.told(), std::nullopt) << "too late";
    external.interfaceHas(kPrivate);
    EXPECT_EQ(external.told(), kPrivate)
        << "after the loss of the connection it may be another one outside";
    external.interfaceHas(kPublic);
    external.heard(answer(kOuter));
    EXPECT_EQ(external.told(), kPublic) << "a public address is the truth";
    EXPECT_EQ(external.remark(), "");
}

TEST(ExternalAddress, AnotherSettingForgetsWhatAServerSaid) {
    auto external = by(From::Stun, kCarrier);
    external.heard(answer(kOuter));
    external.set({From::Interface, {}, {}});
    EXPECT_EQ(external.told(), kCarrier);
    external.set({From::Configured, kPublic, {}});
    EXPECT_EQ(external.told(), kPublic);
    external.set({From::Stun, {}, kServer});
    EXPECT_EQ(external.told(), kCarrier);
    EXPECT_TRUE(external.isAskedFor());
}

TEST(NatInFront, IsSaidWhereThereIsOne) {
    EXPECT_EQ(natInFront(kCarrier, *answer(kCarrier).answer), "");
    const std::string simple = natInFront(kCarrier, *answer(kOuter).answer);
    EXPECT_THAT(simple, HasSubstr("100.71.3.4 (carrier NAT) to 80.1.2.3 (public)"));
    EXPECT_THAT(simple, HasSubstr("only if it forwards them here"));
    EXPECT_THAT(simple, Not(HasSubstr("ports as well")));
    EXPECT_THAT(natInFront(kCarrier, {{kOuter, Port{1024}}, Port{40000}}),
                HasSubstr("ports as well (40000 to 1024)"));
    EXPECT_THAT(natInFront(kPrivate, {{kCarrier, Port{1}}, Port{2}}),
                HasSubstr("one more in front of it"));
}

TEST(StunPause, DoublesFromFiveSecondsToFiveMinutes) {
    std::vector<Seconds::rep> pauses;
    for (unsigned failures = 0; failures < 10; ++failures)
        pauses.push_back(stunPause(failures).count());
    EXPECT_THAT(pauses, testing::ElementsAre(600, 5, 10, 20, 40, 80, 160, 300, 300, 300));
    EXPECT_EQ(stunPause(~0U), Seconds{300});
}

TEST(ExternalView, SaysInOneLineWhatThereIs) {
    ExternalView view{"wan0", true, true, kPublic, kPublic, "", ""};
    EXPECT_EQ(describe(view), "wan0 80.100.100.1 (public)");
    view.address = view.told = kPrivate;
    EXPECT_EQ(describe(view), "wan0 10.0.0.2 (private: not reachable from the Internet)");
    view.told = kOuter;
    view.toldFrom = "configured";
    EXPECT_EQ(describe(view), "wan0 10.0.0.2 (private), told to clients: 80.1.2.3 (configured)");
    view = {"wan0", true, true, std::nullopt, std::nullopt, "", ""};
    EXPECT_EQ(describe(view), "wan0 (no address)");
    view.up = false;
    EXPECT_EQ(describe(view), "wan0 (down)");
    view.exists = false;
    EXPECT_EQ(describe(view), "wan0 (no such interface yet)");
}

}  // namespace
}  // namespace igd
