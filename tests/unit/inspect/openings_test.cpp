// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/openings.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace igd::inspect::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Step kEstablished = state(ct::kEstablished | ct::kRelated);

/// "chain position comment" of each opening.
std::vector<std::string> planned(const Ruleset& rules, const Wishes& wishes = {},
                                 const Path& where = path()) {
    std::vector<std::string> texts;
    for (const Opening& one : planOpenings(rules, where, wishes).openings)
        texts.push_back(rules.chains[one.chain].name + " " + std::to_string(one.position) + " " +
                        one.comment("upnpd"));
    return texts;
}

TEST(Openings, NothingIsOpenedWhereAPacketPasses) {
    Rules host;
    host.forward({{kEstablished, accept()}, {in("lan0"), accept()}});
    EXPECT_THAT(planned(host.rules), IsEmpty());
}

TEST(Openings, EachWayInIsOpenedOnce) {
    Rules host;
    host.forward({{in("wan1"), drop()}, {kEstablished, accept()}}, true);
    Path other = path();
    other.external = *InterfaceName::parse("wan1");
    const std::array both{path(), other};
    const Plan plan = planOpenings(host.rules, both, {});
    std::vector<std::uint32_t> positions;
    for (const Opening& one : plan.openings) positions.push_back(one.position);
    EXPECT_THAT(positions, ElementsAre(0, 0, 2)) << "new, established of the other one; new";
    const std::array twice{path(), path()};
    EXPECT_EQ(planOpenings(host.rules, twice, {}).openings,
              planOpenings(host.rules, path(), {}).openings);
}

TEST(Openings, APolicyThatDropsIsOpenedAtTheEnd) {
    Rules host;
    host.forward({{kEstablished, accept()}, {in("lan0"), accept()}}, true);
    EXPECT_THAT(planned(host.rules), ElementsAre("forward 2 upnpd: new"));
}

TEST(Openings, WithoutARuleForEstablishedPacketsAllAreLetThrough) {
    Rules host;
    host.forward({}, true);
    EXPECT_THAT(planned(host.rules), ElementsAre("forward 0 upnpd"));
}

TEST(Openings, TheRuleThatStopsIsFoundInTheMiddle) {
    Rules host;
    host.forward({{in("wan0"), kEstablished, accept()}, {in("wan0"), drop()}, {Guess{Truth::Yes}}});
    EXPECT_THAT(planned(host.rules), ElementsAre("forward 1 upnpd: new"));
}

TEST(Openings, ItIsFoundInTheChainThatIsCalled) {
    Rules host;
    host.forward({{in("wan0"), host.jump("from_wan")}, {in("lan0"), accept()}});
    host.chain("from_wan", {{kEstablished, accept()}, {unknown(), drop()}, {drop()}});
    EXPECT_THAT(planned(host.rules), ElementsAre("from_wan 2 upnpd: new"));
}

TEST(Openings, ItIsFoundBehindAVerdictMap) {
    Rules host;
    auto keys = std::make_shared<Set>();
    keys->intervals = {{wordOfName("lan0"), wordOfName("lan0")},
                       {wordOfName("wan0"), wordOfName("wan0")}};
    const auto verdicts = std::make_shared<const std::vector<Verdict>>(std::vector{
        Verdict{Ending::Accept},
        Verdict{Ending::Jump, host.chain("from_wan", {{kEstablished, accept()}, {drop()}})}});
    host.forward({{VerdictMap{{{Field::InInterface}}, keys, verdicts}}});
    EXPECT_THAT(planned(host.rules), ElementsAre("from_wan 1 upnpd: new"));
}

TEST(Openings, BlockListsRatesAndInvalidPacketsAreStoppedAboveIt) {
    Rules host;
    host.forward({{state(ct::kInvalid), drop()},
                  {address(Field::Source4, "81.91.209.143"), drop()},
                  {Membership{{{Field::Source4}}, nullptr, false}, drop()},
                  {Guess{Truth::No}, drop()},
                  {kEstablished, accept()}},
                 true);
    EXPECT_THAT(planned(host.rules), ElementsAre("forward 5 upnpd: new"));
}

TEST(Openings, AProtocolThatStopsEarlierHasARuleOfItsOwn) {
    Rules host;
    const Step udp = is(Field::TransportProtocol, 17);
    host.forward({{kEstablished, accept()}, {in("wan0"), udp, drop()}, {in("wan0"), drop()}});
    EXPECT_THAT(planned(host.rules),
                ElementsAre("forward 1 upnpd: new udp", "forward 2 upnpd: new tcp"));
}

TEST(Openings, ALanThatIsTreatedOtherwiseHasRulesOfItsOwn) {
    Rules host;
    host.forward({{kEstablished, accept()}, {in("wan0"), out("lan0"), drop()}});
    Path both = path();
    both.lans.push_back(
        {InterfaceName::parse("lan1").value(), 4, parseIpv4Address("192.168.60.1").value(), 24});
    EXPECT_THAT(planned(host.rules, {}, both), ElementsAre("forward 1 upnpd: new out lan0"));
}

TEST(Openings, OurOwnRulesDoNotHideTheStop) {
    Rules host;
    const ChainId id = host.forward({{kEstablished, accept()}, {in("lan0"), accept()}}, true);
    const Step letThrough = accept();
    host.rules.chains[id].add(99, {&letThrough, 1}, "upnpd: new");
    EXPECT_THAT(planned(host.rules), ElementsAre("forward 2 upnpd: new"));
    const auto standing = standingOpenings(host.rules, "upnpd");
    ASSERT_EQ(standing.size(), 1U);
    EXPECT_EQ(standing[0].position, 2U);
    EXPECT_EQ(standing[0].comment, "upnpd: new");
    EXPECT_THAT(standingOpenings(host.rules, "upnpd pinholes"), IsEmpty());
}

TEST(Openings, ADropInAnotherHookIsClosed) {
    Rules host;
    host.base("raw", {.hook = Hook::Prerouting, .priority = -300}, {{in("wan0"), drop()}});
    const Plan plan = planOpenings(host.rules, path(), {});
    ASSERT_EQ(plan.closed.size(), 1U);
    EXPECT_EQ(host.rules.describe(plan.closed[0]), "inet filter raw rule 1");
}

TEST(Openings, ATableOfSomebodyAloneIsClosed) {
    Rules host;
    const ChainId id = host.forward({}, true);
    host.rules.chains[id].writable = false;
    const Plan plan = planOpenings(host.rules, path(), {});
    EXPECT_THAT(plan.openings, IsEmpty());
    ASSERT_EQ(plan.closed.size(), 1U);
    EXPECT_EQ(host.rules.describe(plan.closed[0]), "inet filter forward policy");
}

TEST(Openings, TheAdministratorsWishesDecide) {
    Rules host;
    host.forward({{kEstablished, accept()}, {in("wan0"), drop()}, {Guess{Truth::Yes}}});
    const ChainId own = host.chain("mine", {{kEstablished, accept()}});
    EXPECT_THAT(planned(host.rules, {.insert = Insert::Never}), IsEmpty());
    EXPECT_EQ(planOpenings(host.rules, path(), {.insert = Insert::Never}).closed.size(), 1U);
    EXPECT_THAT(planned(host.rules, {.append = true}), ElementsAre("forward 3 upnpd: new"));
    EXPECT_THAT(planned(host.rules, {.chain = "mine"}), ElementsAre("mine 0 upnpd"));
    EXPECT_THAT(planned(host.rules, {.chain = "mine", .append = true}),
                ElementsAre("mine 1 upnpd"));
    Rules open;
    open.forward({{in("lan0"), accept()}});
    EXPECT_THAT(planned(open.rules, {.insert = Insert::Always}), ElementsAre("forward 0 upnpd"));
    EXPECT_EQ(host.rules.chains[own].rules.size(), 1U);
}

}  // namespace
}  // namespace igd::inspect::test
