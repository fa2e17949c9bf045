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
    EXPECT_THAT(keepUntilRestart(running, fresh), ElementsAre("lease_file", "user"));
    EXPECT_EQ(fresh.externalInterface.text(), "eth0") << "rules and clients follow it";
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

    /// Returns what a reload that is answered at once has come to.
    Reloaded reload() {
        std::vector<Reloaded> all;
        reloader_.reload([&](const Reloaded& reloaded) { all.push_back(reloaded); });
        EXPECT_THAT(all, SizeIs(1));
        return all.empty() ? Reloaded{"nothing", {}} : all.front();
    }

    Configuration configuration_ = sample();
    LoadedConfiguration fresh_{sample(), {}};
    std::vector<std::string> faults_{};
    std::vector<FrontEnds::Objection> objections_{};
    std::vector<FrontEnds::Objection> failures_{};
    bool late_ = false;                        ///< what is tried out takes its time
    std::vector<FrontEnds::Judged> trying_{};  ///< then
    bool takes_ = true;                        ///< the firewall takes the change
    std::vector<Configuration> enforced_{};    ///< what was in force then
    std::vector<Configuration> before_{};      ///< what applied() was told
    Reloader reloader_{
        configuration_,
        {.reread = [this] { return fresh_; },
         .judge = [this](const Configuration&) { return faults_; },
         .tryOut =
             [this](const Configuration&, const FrontEnds::Judged& judged) {
                 if (late_)
                     trying_.push_back(judged);
                 else
                     judged(objections_);
             },
         .enforce =
             [this](const Configuration&) {
                 enforced_.push_back(configuration_);
                 return takes_;
             },
         .applied = [this](const Configuration& before) { before_.push_back(before); },
         .settle = [this](const FrontEnds::Judged& judged) { judged(failures_); }}};
};

TEST_F(ReloaderTest, PutsWhatItReadIntoForce) {
    const std::uint32_t old = configuration_.policy.mappingsTotal;
    const Reloaded reloaded = reload();
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
    const Reloaded reloaded = reload();
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
    const Reloaded reloaded = reload();
    ASSERT_TRUE(reloaded.refused);
    EXPECT_THAT(*reloaded.refused, StartsWith("the firewall does not take the change"));
    EXPECT_THAT(*reloaded.refused, EndsWith("the old settings stay in force"));
    EXPECT_EQ(configuration_.policy.mappingsTotal, old);
    EXPECT_THAT(before_, IsEmpty());
    takes_ = true;
    EXPECT_EQ(reload().refused, std::nullopt);
    EXPECT_EQ(configuration_.policy.mappingsTotal, 7U);
}

TEST_F(ReloaderTest, SaysWhatTheFileDeservesAndWhatWaitsForARestart) {
    fresh_.diagnostics = {{"upnpd.conf", 3, Severity::Warning, "a warning"}};
    fresh_.configuration->user = "router";
    const std::string user = configuration_.user;
    const Reloaded reloaded = reload();
    EXPECT_EQ(reloaded.refused, std::nullopt);
    EXPECT_THAT(reloaded.notes, ElementsAre("upnpd.conf:3: warning: a warning",
                                            "user counts from the next start of upnpd on"));
    EXPECT_EQ(configuration_.user, user);
    ASSERT_THAT(enforced_, SizeIs(1));
    EXPECT_EQ(enforced_.front().user, user) << "already while it is enforced";
}

TEST_F(ReloaderTest, WhatTheHostDoesNotHaveChangesNothing) {
    const std::uint32_t old = configuration_.policy.mappingsTotal;
    faults_ = {"lo is no LAN"};
    EXPECT_EQ(reload().refused, "lo is no LAN\nthe old settings stay in force");
    faults_.clear();
    const SocketName gate{true, {Ipv4Address{0xc0a80101}, Port{5000}}};
    objections_ = {{"lan0: port 5000 is taken", gate}, {"lan1: no memory"}};
    const Reloaded reloaded = reload();
    EXPECT_EQ(reloaded.refused,
              "lan0: port 5000 is taken\nlan1: no memory\nthe old settings stay in force");
    ASSERT_THAT(reloaded.objections, SizeIs(2));
    EXPECT_EQ(reloaded.objections.front().socket, gate);
    EXPECT_EQ(configuration_.policy.mappingsTotal, old);
    EXPECT_THAT(enforced_, IsEmpty());
    ASSERT_TRUE(reloader_.last());
    EXPECT_EQ(reloader_.last()->refused, reloaded.refused);
    objections_.clear();
    EXPECT_EQ(reload().refused, std::nullopt);
    EXPECT_EQ(reloader_.last()->refused, std::nullopt);
}

TEST_F(ReloaderTest, WhatFailsAfterItsTrialBringsTheOldSettingsBack) {
    const std::uint32_t old = configuration_.policy.mappingsTotal;
    failures_ = {{"lan0: its front end begins again: it was killed by signal 9"}};
    const Reloaded reloaded = reload();
    EXPECT_EQ(reloaded.refused,
              "lan0: its front end begins again: it was killed by signal 9\n"
              "the old settings stay in force");
    EXPECT_EQ(configuration_.policy.mappingsTotal, old);
    ASSERT_THAT(enforced_, SizeIs(2));
    EXPECT_EQ(enforced_[1].policy.mappingsTotal, old);
    ASSERT_THAT(before_, SizeIs(2));
    EXPECT_EQ(before_[1].policy.mappingsTotal, 7U) << "it was in force for a moment";
}

TEST_F(ReloaderTest, WhoAsksMeanwhileIsAnsweredByTheNextOne) {
    late_ = true;
    std::vector<std::string> done;
    const auto ask = [&](const char* name) {
        reloader_.reload([&done, name](const Reloaded& reloaded) {
            done.push_back(name + reloaded.refused.value_or(" done"));
        });
    };
    ask("first");
    ask("second");
    ask("third");
    ASSERT_THAT(trying_, SizeIs(1));
    EXPECT_THAT(done, IsEmpty());
    EXPECT_THAT(enforced_, IsEmpty()) << "nothing is in force before it was tried";
    trying_.front()({});
    EXPECT_THAT(done, ElementsAre("first done"));
    ASSERT_THAT(trying_, SizeIs(2)) << "one for both";
    trying_.back()({{"taken"}});
    EXPECT_THAT(done, SizeIs(3));
    EXPECT_THAT(done.back(), StartsWith("thirdtaken"));
    EXPECT_THAT(enforced_, SizeIs(1));
}

TEST(KeepUntilRestart, KeepsEachKeyThatIsOpenedOnce) {
    Configuration fresh = sample();
    fresh.firewallBackend = BackendChoice::Iptables;
    fresh.insertForwardRules = InsertForwardRules::No;
    fresh.hairpin = !fresh.hairpin;
    fresh.forwardRulesAppend = !fresh.forwardRulesAppend;
    fresh.forwardChain = fresh.preroutingChain = fresh.forwardChain6 = "OTHER";
    fresh.markBits = 1;
    fresh.pinholes = !fresh.pinholes;
    fresh.leaseFile = "/other";
    fresh.leaseStore.emplace();
    fresh.leaseStoreLogin = "/other";
    fresh.controlSocket.reset();
    fresh.pidFile = "/other";
    fresh.user = "router";
    fresh.requireSeccomp = !fresh.requireSeccomp;
    EXPECT_THAT(keepUntilRestart(sample(), fresh), SizeIs(16));
    EXPECT_THAT(keepUntilRestart(sample(), fresh), IsEmpty()) << "all are as before";
}

}  // namespace
}  // namespace igd
