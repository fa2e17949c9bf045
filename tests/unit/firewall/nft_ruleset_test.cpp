// SPDX-License-Identifier: GPL-2.0-or-later
// Chains of others in the words of nft 1.0.6, and our conclusions.
#include "nft/nft_ruleset.h"

#include "forward/forward_plan.h"
#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kIptablesFilter =
    R"({"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 1, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
       {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 4, "expr": [{"match": {"op": "==", "left": {"&": [{"meta": {"key": "mark"}}, 8388608]}, "right": 8388608}}, {"xt": {"type": "match", "name": "conntrack"}}, {"xt": {"type": "match", "name": "comment"}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}})";

/// A ruleset with one forward chain whose rules have these expressions.
std::string rulesetOf(const std::string& policy, const std::vector<std::string>& expressions,
                      const std::string& comment = "") {
    std::string json =
        R"({"nftables": [{"metainfo": {"json_schema_version": 1}}, {"chain": {"family": "inet", "table": "filter", "name": "forward", "handle": 1, "type": "filter", "hook": "forward", "prio": 0, "policy": ")" +
        policy + R"("}})";
    for (const std::string& expression : expressions)
        json +=
            R"(, {"rule": {"family": "inet", "table": "filter", "chain": "forward", "handle": 7, "comment": ")" +
            comment + R"(", "expr": [)" + expression + "]}}";
    return json + "]}";
}

bool drops(const std::string& policy, const std::vector<std::string>& expressions) {
    return mayDrop(parseRuleset(rulesetOf(policy, expressions)).value().at(0));
}

FirewallConfig aConfig() {
    return {BackendChoice::Nftables, test::kWan, {}};
}

constexpr const char* kEstablished =
    R"({"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null})";
constexpr const char* kDnatAccept =
    R"({"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}}, {"accept": null})";
constexpr const char* kReject =
    R"({"counter": {"packets": 1, "bytes": 2}}, {"reject": {"type": "icmpx"}})";
constexpr const char* kDropOfOne =
    R"({"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.0.0.1"}}, {"drop": null})";
constexpr const char* kDropFromWan =
    R"({"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "wan0"}}, {"drop": null})";
constexpr const char* kOpening =
    R"({"match": {"op": "==", "left": {"&": [{"meta": {"key": "mark"}}, 8388608]}, "right": 8388608}}, {"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null})";

TEST(NftRuleset, SeesThatAPolicyOrALastRuleDrops) {
    EXPECT_FALSE(drops("accept", {}));
    EXPECT_FALSE(drops("accept", {kEstablished}));
    EXPECT_TRUE(drops("drop", {kEstablished}));
    EXPECT_TRUE(drops("accept", {kEstablished, kReject}));
    EXPECT_TRUE(drops("accept", {kDropFromWan}));
    EXPECT_TRUE(drops("accept", {R"({"jump": {"target": "zone_wan"}})"}));
}

TEST(NftRuleset, LeavesTheDropOfASingleHostAlone) {
    EXPECT_FALSE(drops("accept", {kDropOfOne}));
}

TEST(NftRuleset, NeedsNoOpeningWhereEveryTranslatedFlowPasses) {
    // firewalld
    EXPECT_FALSE(drops("accept", {kEstablished, kDnatAccept, kReject}));
    EXPECT_FALSE(drops("drop", {kDnatAccept}));
}

TEST(NftRuleset, LooksBehindOurOwnRule) {
    EXPECT_TRUE(
        mayDrop(parseRuleset(rulesetOf("accept", {kReject, kOpening}, "upnpd")).value().at(0)));
}

TEST(NftRuleset, KnowsOurOwnRuleByWhatItDoesAndItsComment) {
    const auto ours = parseRuleset(rulesetOf("drop", {kOpening}, "upnpd")).value();
    EXPECT_TRUE(ours.at(0).rules.at(0).opening);
    const auto unnamed = parseRuleset(rulesetOf("drop", {kOpening})).value();
    EXPECT_FALSE(unnamed.at(0).rules.at(0).opening);
    const auto other = parseRuleset(rulesetOf("drop", {kEstablished}, "upnpd")).value();
    EXPECT_FALSE(other.at(0).rules.at(0).opening);
}

TEST(NftRuleset, KnowsOurOwnRuleWhateverBitsAnEarlierRunWasTold) {
    std::string opening = kOpening;
    for (auto at = opening.find("8388608"); at != std::string::npos; at = opening.find("8388608"))
        opening.replace(at, 7, "48");
    const auto chains = parseRuleset(rulesetOf("drop", {opening}, "upnpd")).value();
    EXPECT_TRUE(chains.at(0).rules.at(0).opening);
}

TEST(NftRuleset, KnowsTheChainsOfIptables) {
    const auto chains =
        parseRuleset(std::string{R"({"nftables": [)"} + kIptablesFilter + "]}").value();
    ASSERT_THAT(chains, SizeIs(1));
    EXPECT_TRUE(belongsToIptables(chains.at(0)));
    EXPECT_TRUE(chains.at(0).rules.at(0).xtOpening);
    EXPECT_TRUE(chains.at(0).rules.at(0).xtCertain);
    EXPECT_FALSE(chains.at(0).rules.at(0).opening);
}

TEST(NftRuleset, TakesNoOtherRuleOfIptablesForOursWithCertainty) {
    const auto chains =
        parseRuleset(
            rulesetOf(
                "drop",
                {R"({"xt": {"type": "match", "name": "mark"}}, {"xt": {"type": "match", "name": "conntrack"}}, {"accept": null})"}))
            .value();
    EXPECT_FALSE(chains.at(0).rules.at(0).xtCertain);
}

TEST(NftRuleset, IgnoresOurOwnTableAndOtherFamilies) {
    const auto chains = parseRuleset(
        R"({"nftables": [{"chain": {"family": "inet", "table": "upnpd", "name": "forward", "handle": 1, "type": "filter", "hook": "forward", "prio": -5, "policy": "accept"}},
            {"chain": {"family": "ip6", "table": "filter", "name": "FORWARD", "handle": 1, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}]})");
    ASSERT_TRUE(chains);
    EXPECT_THAT(*chains, IsEmpty());
}

TEST(NftRuleset, RefusesWhatIsNoRuleset) {
    EXPECT_FALSE(parseRuleset(""));
    EXPECT_FALSE(parseRuleset("{}"));
    EXPECT_FALSE(parseRuleset(R"({"nftables": [{"chain": {"family": 7}}]})"));
}

TEST(ForwardPlan, OpensOnlyWhatDropsAndOnlyWhenTold) {
    const auto dropping = parseRuleset(rulesetOf("drop", {})).value();
    const auto open = parseRuleset(rulesetOf("accept", {})).value();
    FirewallConfig config = aConfig();
    EXPECT_THAT(planForward(dropping, config).open, SizeIs(1));
    EXPECT_THAT(planForward(open, config).open, IsEmpty());
    config.insertForwardRules = InsertForwardRules::Yes;
    EXPECT_THAT(planForward(open, config).open, SizeIs(1));
    config.insertForwardRules = InsertForwardRules::No;
    EXPECT_THAT(planForward(dropping, config).open, IsEmpty());
}

TEST(ForwardPlan, MarksBeforeTheEarliestChainThatDrops) {
    auto chains = parseRuleset(rulesetOf("drop", {})).value();
    EXPECT_EQ(planForward(chains, aConfig()).markPriority, -5);
    chains.at(0).forwardPriority = -150;
    EXPECT_EQ(planForward(chains, aConfig()).markPriority, -155);
}

TEST(ForwardPlan, PutsTheRuleWhereTheUserSaysAndNowhereElse) {
    FirewallConfig config = aConfig();
    config.forwardChain = "upnp_forward";
    EXPECT_THAT(planForward(parseRuleset(rulesetOf("drop", {})).value(), config).open, IsEmpty());
    NftChain named;
    named.family = "inet";
    named.table = "fw4";
    named.name = "upnp_forward";
    EXPECT_THAT(planForward({named}, config).open, SizeIs(1));
}

TEST(ForwardPlan, WritesTheRuleAtTheTopOrTheEnd) {
    const auto chains = parseRuleset(rulesetOf("drop", {kOpening, kReject}, "upnpd")).value();
    FirewallConfig config = aConfig();
    EXPECT_EQ(openScript(chains.at(0), config),
              "insert rule inet filter forward meta mark & 0x00800000 == 0x00800000 ct status dnat "
              "counter "
              "accept comment \"upnpd\"\n");
    config.forwardRulesAppend = true;
    EXPECT_EQ(openScript(chains.at(0), config).substr(0, 9), "add rule ");
    EXPECT_EQ(closeScript(chains.at(0)), "delete rule inet filter forward handle 7\n");
}

}  // namespace
}  // namespace igd::firewall
