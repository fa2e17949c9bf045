// SPDX-License-Identifier: GPL-2.0-or-later
#include "reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

Configuration sample() {
    return {Settings{}, *InterfaceName::parse("ppp0"), {*InterfaceName::parse("br-lan")}};
}

TEST(KeepUntilRestart, NamesAndKeepsWhatIsOpenedOnce) {
    const Configuration running = sample();
    Configuration fresh = sample();
    fresh.externalInterface = *InterfaceName::parse("eth0");
    fresh.leaseFile.reset();
    fresh.user = "router";
    fresh.policy.mappingsTotal = 7;
    EXPECT_THAT(keepUntilRestart(running, fresh),
                ElementsAre("external_interface", "lease_file", "user"));
    EXPECT_EQ(fresh.externalInterface, running.externalInterface);
    EXPECT_EQ(fresh.leaseFile, running.leaseFile);
    EXPECT_EQ(fresh.user, running.user);
    EXPECT_EQ(fresh.policy.mappingsTotal, 7U);
}

TEST(KeepUntilRestart, SaysNothingWhenNothingHasToWait) {
    Configuration fresh = sample();
    fresh.internalInterfaces.push_back(*InterfaceName::parse("vlan20"));
    fresh.debugMode = 3;
    EXPECT_THAT(keepUntilRestart(sample(), fresh), IsEmpty());
    EXPECT_EQ(fresh.internalInterfaces.size(), 2U);
}

class ReloaderTest : public testing::Test {
protected:
    ReloaderTest() { fresh_.configuration->policy.mappingsTotal = 7; }

    Configuration configuration_ = sample();
    LoadedConfiguration fresh_{sample(), {}};
    bool takes_ = true;                      ///< the firewall takes the change
    std::vector<Configuration> enforced_{};  ///< what was in force then
    std::vector<Configuration> before_{};    ///< what applied() was told
    Reloader reloader_{configuration_,
                       {.reread = [this] { return fresh_; },
                        .enforce =
                            [this] {
                                enforced_.push_back(configuration_);
                                return takes_;
                            },
                        .applied =
                            [this](const Configuration& before) {
                                EXPECT_EQ(configuration_.policy.mappingsTotal, 7U);
                                before_.push_back(before);
                            }}};
};

TEST_F(ReloaderTest, PutsWhatItReadIntoForce) {
    const std::uint32_t old = configuration_.policy.mappingsTotal;
    const Reloaded reloaded = reloader_.reload();
    EXPECT_EQ(reloaded.refused, std::nullopt);
    EXPECT_THAT(reloaded.notes, IsEmpty());
    EXPECT_EQ(configuration_.policy.mappingsTotal, 7U);
    ASSERT_THAT(enforced_, SizeIs(1));
    EXPECT_EQ(enforced_.front().policy.mappingsTotal, 7U);
    ASSERT_THAT(before_, SizeIs(1)) << "once, with the old one";
    EXPECT_EQ(before_.front().policy.mappingsTotal, old);
}

TEST_F(ReloaderTest, AFileWithErrorsChangesNothingAndSaysWhy) {
    const std::uint32_t old = configuration_.policy.mappingsTotal;
    fresh_ = {std::nullopt,
              {{"upnpd.conf", 3, Severity::Warning, "a warning"},
               {"upnpd.conf", 41, Severity::Error, "no such key"},
               {"upnpd.conf", 42, Severity::Error, "no such value"}}};
    const Reloaded reloaded = reloader_.reload();
    EXPECT_EQ(reloaded.refused,
              "upnpd.conf:41: error: no such key\nupnpd.conf:42: error: no such value\n"
              "the old settings stay in force");
    EXPECT_THAT(reloaded.notes,
                ElementsAre("upnpd.conf:3: warning: a warning", "upnpd.conf:41: error: no such key",
                            "upnpd.conf:42: error: no such value"));
    EXPECT_EQ(configuration_.policy.mappingsTotal, old);
    EXPECT_THAT(enforced_, IsEmpty());
    EXPECT_THAT(before_, IsEmpty());
}

TEST_F(ReloaderTest, AFirewallThatRefusesLeavesTheOldOneInForce) {
    const std::uint32_t old = configuration_.policy.mappingsTotal;
    takes_ = false;
    const Reloaded reloaded = reloader_.reload();
    ASSERT_TRUE(reloaded.refused);
    EXPECT_THAT(*reloaded.refused, StartsWith("the firewall does not take the change"));
    EXPECT_THAT(*reloaded.refused, EndsWith("the old settings stay in force"));
    EXPECT_EQ(configuration_.policy.mappingsTotal, old);
    EXPECT_THAT(before_, IsEmpty());
    takes_ = true;
    EXPECT_EQ(reloader_.reload().refused, std::nullopt);
    EXPECT_EQ(configuration_.policy.mappingsTotal, 7U);
}

TEST_F(ReloaderTest, SaysWhatTheFileDeservesAndWhatWaitsForARestart) {
    fresh_.diagnostics = {{"upnpd.conf", 3, Severity::Warning, "a warning"}};
    fresh_.configuration->user = "router";
    const std::string user = configuration_.user;
    const Reloaded reloaded = reloader_.reload();
    EXPECT_EQ(reloaded.refused, std::nullopt);
    EXPECT_THAT(reloaded.notes, ElementsAre("upnpd.conf:3: warning: a warning",
                                            "user counts from the next start of upnpd on"));
    EXPECT_EQ(configuration_.user, user);
    ASSERT_THAT(enforced_, SizeIs(1));
    EXPECT_EQ(enforced_.front().user, user) << "already while it is enforced";
}

TEST(KeepUntilRestart, KeepsEachKeyThatIsOpenedOnce) {
    Configuration fresh = sample();
    fresh.externalInterface = *InterfaceName::parse("eth0");
    fresh.firewallBackend = BackendChoice::Iptables;
    fresh.insertForwardRules = InsertForwardRules::No;
    fresh.hairpin = !fresh.hairpin;
    fresh.forwardRulesAppend = !fresh.forwardRulesAppend;
    fresh.forwardChain = fresh.preroutingChain = fresh.forwardChain6 = "OTHER";
    fresh.markBits = 1;
    fresh.pinholes = !fresh.pinholes;
    fresh.leaseFile = "/other";
    fresh.controlSocket.reset();
    fresh.pidFile = "/other";
    fresh.user = "router";
    fresh.requireSeccomp = !fresh.requireSeccomp;
    EXPECT_THAT(keepUntilRestart(sample(), fresh), SizeIs(15));
    EXPECT_THAT(keepUntilRestart(sample(), fresh), IsEmpty()) << "all are as before";
}

}  // namespace
}  // namespace igd
