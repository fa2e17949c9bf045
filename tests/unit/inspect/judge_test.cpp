// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/judge.h"

#include "rules.h"

#include "upnpd/inspect/ordinary.h"

#include <gtest/gtest.h>

namespace igd::inspect::test {
namespace {

std::optional<Lan> toLan(const IpAddress& address) {
    if (address == IpAddress{kClient.address}) return kLanNet;
    return std::nullopt;
}

Finding wayIn(const Ruleset& rules, const std::optional<IpEndpoint>& opening = kClient) {
    return judgeWayIn(rules, {kWan, 2, Protocol::Tcp, kRemote, kExternal, opening}, toLan);
}

std::string placeOf(const Ruleset& rules, const Finding& finding) {
    return finding.place ? rules.describe(*finding.place) : finding.reason;
}

TEST(Judge, AnOpeningPassesWhereNothingStopsIt) {
    EXPECT_EQ(wayIn({}).fate, Fate::Reaches);
    EXPECT_EQ(wayIn({}, std::nullopt).reason, "no translation");
}

TEST(Judge, ThePolicyStops) {
    Rules host;
    host.forward({{state(ct::kEstablished), accept()}}, true);
    const Finding finding = wayIn(host.rules);
    EXPECT_EQ(finding.fate, Fate::Stopped);
    EXPECT_EQ(placeOf(host.rules, finding), "inet filter forward policy");
}

TEST(Judge, OurRuleLetsOpeningsPassAndNoOthers) {
    Rules host;
    const ChainId id = host.forward({}, true);
    const Step ours[] = {is(Field::Mark, 0x800000), accept()};
    host.rules.chains[id].add(9, ours, "upnpd");
    EXPECT_EQ(wayIn(host.rules).fate, Fate::Reaches);
    host.base(
        "pre", {.hook = Hook::Prerouting, .priority = -100, .translates = true},
        {{Translation{
            .kind = Translating::Destination, .port = kClient.port, .address = kClient.address}}});
    EXPECT_EQ(wayIn(host.rules).fate, Fate::Stopped);
}

TEST(Judge, AMatchThatIsNotKnownMakesTheAnswerUnknown) {
    Rules host;
    host.forward({{unknown(), drop()}});
    const Finding finding = wayIn(host.rules);
    EXPECT_EQ(finding.fate, Fate::Unknown);
    EXPECT_EQ(placeOf(host.rules, finding), "inet filter forward rule 1");
    Rules both;
    both.forward({{unknown(), accept()}, {accept()}});
    EXPECT_EQ(wayIn(both.rules).fate, Fate::Reaches);
}

TEST(Judge, GotoDoesNotComeBack) {
    Rules host;
    host.forward({{Verdict{Ending::Goto, host.chain("away", {{dport(1), drop()}})}}, {drop()}});
    EXPECT_EQ(wayIn(host.rules).fate, Fate::Reaches);
}

TEST(Judge, ReturnLeadsToTheChainThatCalled) {
    Rules host;
    host.forward({{host.jump("some")}, {drop()}});
    host.chain("some", {{Verdict{Ending::Return}}, {accept()}});
    EXPECT_EQ(placeOf(host.rules, wayIn(host.rules)), "inet filter forward rule 2");
}

TEST(Judge, NobodyTranslatesAPacketThatIsNotTracked) {
    Rules host;
    host.base("raw", {.hook = Hook::Prerouting, .priority = -300}, {{dport(40001), Untrack{}}});
    EXPECT_EQ(placeOf(host.rules, wayIn(host.rules)), "inet filter raw rule 1");
}

TEST(Judge, AnswersMustPassToo) {
    Rules host;
    host.forward({{address(Field::Source4, "192.168.50.10"), drop()}});
    const Finding finding = wayIn(host.rules);
    EXPECT_EQ(placeOf(host.rules, finding), "inet filter forward rule 1");
    ASSERT_TRUE(finding.stopped);
    EXPECT_TRUE(finding.stopped->packet.reply);
    EXPECT_EQ(finding.stopped->hook, Hook::Forward);
    EXPECT_EQ(finding.stopped->packet.source, kClient);
}

TEST(Judge, LaterPacketsComeToTheExternalAddressAsTheFirst) {
    Rules host;
    host.base("raw", {.hook = Hook::Prerouting, .priority = -300},
              {{in("wan0"), address(Field::Destination4, "192.168.50.10"), drop()}});
    host.forward({{state(ct::kNew | ct::kEstablished), accept()}}, true);
    EXPECT_EQ(wayIn(host.rules).fate, Fate::Reaches);
    Rules stateful;
    stateful.forward({{state(ct::kNew), accept()}}, true);
    const Finding finding = wayIn(stateful.rules);
    EXPECT_EQ(finding.fate, Fate::Stopped);
    ASSERT_TRUE(finding.stopped);
    EXPECT_FALSE(finding.stopped->packet.fresh);
}

TEST(Judge, NamesTheRuleThatTranslates) {
    Rules host;
    host.base("pre", {.hook = Hook::Prerouting, .priority = -100, .translates = true},
              {{dport(1), drop()},
               {dport(40001),
                Translation{.kind = Translating::Destination, .address = kClient.address}}});
    host.forward({{drop()}});
    const Finding finding = wayIn(host.rules);
    ASSERT_TRUE(finding.translatedBy);
    EXPECT_EQ(host.rules.describe(*finding.translatedBy), "inet filter pre rule 2");
    EXPECT_EQ(placeOf(host.rules, finding), "inet filter forward rule 1");
}

TEST(Judge, AMarkIsCarriedFromHookToHook) {
    Rules host;
    host.base("mangle", {.hook = Hook::Prerouting, .priority = -150},
              {{in("wan0"), MarkChange{Field::Mark, 0xffff0000, 7}}});
    host.forward({{is(Field::Mark, 7), drop()}});
    EXPECT_EQ(placeOf(host.rules, wayIn(host.rules)), "inet filter forward rule 1");
}

TEST(Judge, AnIngressChainConcernsItsDevices) {
    Rules host;
    host.base("other", {.hook = Hook::Ingress, .devices = {"lan7"}}, {{drop()}});
    EXPECT_EQ(wayIn(host.rules).fate, Fate::Reaches);
    host.base("wan", {.hook = Hook::Ingress, .devices = {"wan0"}}, {{drop()}});
    EXPECT_EQ(wayIn(host.rules).fate, Fate::Stopped);
}

TEST(Judge, AForeignTranslationLeadsElsewhere) {
    Rules host;
    host.base("pre", {.hook = Hook::Prerouting, .priority = -100, .translates = true},
              {{dport(40001),
                Translation{.kind = Translating::Destination, .address = kRemote.address}}});
    const Finding finding =
        judgeLead(host.rules, {kWan, 2, Protocol::Tcp, kRemote, kExternal, std::nullopt});
    EXPECT_EQ(finding.fate, Fate::Stopped);
    EXPECT_EQ(finding.translatedTo->address, kRemote.address);
}

TEST(Judge, InputIsJudgedForTheRouterItself) {
    Rules host;
    host.base("input", {.hook = Hook::Input, .policyDrop = true}, {{in("lan0"), accept()}});
    const IpEndpoint router{parseIpv4Address("192.168.50.1").value(), Port{1900}};
    EXPECT_EQ(judgeInput(host.rules, {kLan, 3, kClient, router, Protocol::Udp}).fate,
              Fate::Reaches);
    EXPECT_EQ(judgeInput(host.rules, {kWan, 2, kRemote, router, Protocol::Udp}).fate,
              Fate::Stopped);
}

TEST(Judge, MasqueradeAndAnotherSourceAreToldApart) {
    Rules host;
    EXPECT_EQ(judgeMasquerade(host.rules, kLanNet, kWan).reason, "no masquerade");
    const Base post{.hook = Hook::Postrouting, .priority = 100, .translates = true};
    const ChainId id =
        host.base("post", post, {{out("wan0"), Translation{.kind = Translating::Masquerade}}});
    EXPECT_EQ(judgeMasquerade(host.rules, kLanNet, kWan).fate, Fate::Reaches);
    host.rules.chains[id] =
        Chain{.family = "inet", .table = "filter", .name = "post", .base = post};
    const Step source = Translation{.kind = Translating::Source, .address = kRemote.address};
    host.rules.chains[id].add(1, {&source, 1});
    EXPECT_EQ(judgeMasquerade(host.rules, kLanNet, kWan).fate, Fate::Stopped);
}

TEST(Ordinary, AHostThatARuleNamesIsNotOrdinary) {
    Rules host;
    const IpAddress before = ordinaryHost(host.rules, false);
    const Word word = wordOf(before);
    host.forward({{Comparison{.field = Field::Source4, .first = word, .last = word}, drop()}});
    EXPECT_NE(ordinaryHost(host.rules, false), before);
    EXPECT_EQ(ordinaryHost(host.rules, true), ordinaryHost({}, true));
}

TEST(Ordinary, ANetworkThatHoldsAllIsNobodyInParticular) {
    Rules host;
    const IpAddress before = ordinaryClient(host.rules, kLanNet);
    const Step lan = Comparison{.field = Field::Destination4,
                                .mask = wordOf(0xffffff00U),
                                .first = wordOf(0xc0a83200U),
                                .last = wordOf(0xc0a83200U)};
    const ChainId id = host.forward({{lan, drop()}});
    EXPECT_EQ(ordinaryClient(host.rules, kLanNet), before);
    const Step one =
        Comparison{.field = Field::Destination4, .first = wordOf(before), .last = wordOf(before)};
    host.rules.chains[id].add(1, {&one, 1});
    EXPECT_NE(ordinaryClient(host.rules, kLanNet), before);
}

}  // namespace
}  // namespace igd::inspect::test
