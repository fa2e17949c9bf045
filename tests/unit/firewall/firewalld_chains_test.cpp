// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/firewalld_chains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using inspect::ChainId;
using inspect::Kind;
using inspect::Opening;
using inspect::Place;
using inspect::Plan;
using testing::ElementsAre;
using testing::IsEmpty;

class FirewalldChains : public testing::Test {
protected:
    ChainId chain(const char* table, const char* name, bool writable = false) {
        const ChainId id = rules.idOf(Kind::Nft, "inet", table, name);
        const inspect::Step drop = inspect::Verdict{inspect::Ending::Drop};
        rules.chains[id].writable = writable;
        rules.chains[id].add(1, {&drop, 1});
        rules.chains[id].add(2, {&drop, 1});
        return id;
    }
    inspect::Ruleset rules;
};

TEST_F(FirewalldChains, AreOpenedForPinholesWherePoliciesComeLast) {
    const ChainId dispatch = chain("firewalld", "filter_FORWARD_POLICIES");
    Plan plan{.openings = {}, .closed = {Place{dispatch, 1}}};
    EXPECT_TRUE(openByPolicy(rules, plan, true));
    EXPECT_THAT(plan.closed, IsEmpty());
    EXPECT_THAT(plan.openings, ElementsAre(Opening{.chain = dispatch, .position = 1}));
}

TEST_F(FirewalldChains, AreOpenedForMappingsWhereForwardPortsStand) {
    const ChainId dispatch = chain("firewalld", "filter_FORWARD_POLICIES");
    const ChainId translated = chain("firewalld", "filter_FORWARD_dnat");
    Plan plan{.openings = {}, .closed = {Place{dispatch, 1}, Place{translated, 0}}};
    EXPECT_TRUE(openByPolicy(rules, plan, false));
    EXPECT_THAT(plan.closed, ElementsAre(Place{dispatch, 1}));
    EXPECT_THAT(plan.openings, ElementsAre(Opening{.chain = translated, .position = 0}));
}

TEST_F(FirewalldChains, AreLeftToUsualOpeningsWhereOthersMayWrite) {
    const ChainId dispatch = chain("firewalld", "filter_FORWARD_POLICIES", true);
    Plan plan{.openings = {}, .closed = {Place{dispatch, 0}}};
    EXPECT_FALSE(openByPolicy(rules, plan, true));
    EXPECT_THAT(plan.closed, ElementsAre(Place{dispatch, 0}));
}

/// A policy has no say over packets before they are routed, over what a zone denies, or in tables
/// of others.
TEST_F(FirewalldChains, StayClosedElsewhere) {
    const ChainId early = chain("firewalld", "filter_PREROUTING");
    const ChainId denied = chain("firewalld", "filter_FWD_external_deny");
    const ChainId other = chain("mine", "filter_FORWARD_POLICIES");
    Plan plan{.openings = {}, .closed = {Place{early, 0}, Place{denied, 0}, Place{other, 0}}};
    EXPECT_FALSE(openByPolicy(rules, plan, true));
    EXPECT_THAT(plan.closed, ElementsAre(Place{early, 0}, Place{denied, 0}, Place{other, 0}));
    EXPECT_THAT(plan.openings, IsEmpty());
}

TEST_F(FirewalldChains, TellRulesOfOurPolicy) {
    chain("firewalld", "nat_PRE_policy_mine_allow");
    chain("other", "nat_PRE_policy_upnpd_allow");
    EXPECT_FALSE(hasPolicyRules(rules));
    const ChainId ours = chain("firewalld", "nat_PRE_policy_upnpd_allow");
    EXPECT_TRUE(hasPolicyRules(rules));
    ownPolicyChains(rules);
    for (ChainId id = 0; id < rules.chains.size(); ++id)
        EXPECT_EQ(rules.chains[id].own, id == ours);
}

}  // namespace
}  // namespace igd::firewall
