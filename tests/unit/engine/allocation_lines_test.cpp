// SPDX-License-Identifier: GPL-2.0-or-later
#include "allocation_lines.h"

#include "fakes.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const TimePoint kNow = TimePoint{} + 24h;
const std::chrono::system_clock::time_point kWall{1'769'853'600s};  // 2026-01-31T10:00:00Z

std::vector<std::string> linesOf(const OpeningEvent& event,
                                 std::optional<Ipv4Address> external = kExternal) {
    std::vector<std::string> lines;
    for (const auto& line : allocationLines(event, external, kNow, kWall))
        lines.push_back(line.text);
    return lines;
}

Opening consoles() {
    Opening opening = mappingOf(kConsole, 3074, std::nullopt, Origin::Pcp);
    opening.internal.port = Port{3075};
    opening.account = MacAddress{{2, 0, 0, 0, 0, 10}};
    return opening;
}

const End kExpired{EndCause::Expired, "lease ran out"};
const std::string kBegins =
    "allocation begins: udp 80.100.100.1:3074 for 192.168.1.10:3075, host 02:00:00:00:00:0a, by "
    "pcp";

TEST(AllocationLines, TellAGrantAndAnEndWithTheTimeBetween) {
    Opening opening = consoles();
    EXPECT_THAT(linesOf({.after = &opening}), ElementsAre(kBegins));
    opening.claims.front().history.madeAt = kNow - 90s;
    EXPECT_THAT(linesOf({.before = &opening, .end = &kExpired}),
                ElementsAre("allocation ends: udp 80.100.100.1:3074 for 192.168.1.10:3075, host "
                            "02:00:00:00:00:0a, by pcp, since 2026-01-31T09:58:30Z, expired"));
}

TEST(AllocationLines, HaveTheFieldsOfTheJournal) {
    const Opening opening = consoles();
    const auto lines = allocationLines({.after = &opening}, kExternal, kNow, kWall);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().subject.client, "192.168.1.10");
    EXPECT_EQ(lines.front().subject.port, 3074);
    EXPECT_EQ(lines.front().subject.action, "granted");
}

TEST(AllocationLines, TellASetAsOne) {
    Opening opening = consoles();
    opening.portCount = 16;
    EXPECT_THAT(linesOf({.after = &opening}),
                ElementsAre("allocation begins: udp 80.100.100.1:3074-3089 for "
                            "192.168.1.10:3075-3090, host 02:00:00:00:00:0a, by pcp"));
}

TEST(AllocationLines, TellNothingOfARenewalOrOfAnotherClaim) {
    const Opening before = consoles();
    Opening after = before;
    EXPECT_THAT(linesOf({.before = &before, .after = &after, .renewed = true}), IsEmpty());
    after.put({.origin = Origin::Igd, .requester = kConsole});
    EXPECT_THAT(linesOf({.before = &before, .after = &after}), IsEmpty());
}

TEST(AllocationLines, TellAnEndAndABeginningWhenThePortLeadsElsewhere) {
    const Opening before = consoles();
    Opening after = before;
    after.internal.port = Port{3076};
    const auto lines = linesOf({.before = &before, .after = &after});
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines.front(),
              "allocation ends: udp 80.100.100.1:3074 for 192.168.1.10:3075, host "
              "02:00:00:00:00:0a, by pcp, replaced");
    EXPECT_THAT(lines.back(), testing::HasSubstr("for 192.168.1.10:3076"));
}

TEST(AllocationLines, NameTheAddressFromWhichAFlowBegan) {
    const Opening flow = flowOf(kConsole, 6000);
    EXPECT_THAT(linesOf({.after = &flow}, std::nullopt),
                ElementsAre("allocation begins: udp 80.100.100.1:6000 for 192.168.1.10:6000, host "
                            "192.168.1.10, by pcp"));
}

TEST(AllocationLines, AreForWhatIsTranslatedAlone) {
    const Opening pinhole =
        openingOf(OpeningKind::Pinhole, {*parseIpAddress("2001:db8::5"), Port{5000}});
    EXPECT_THAT(linesOf({.after = &pinhole}), IsEmpty());
}

}  // namespace
}  // namespace igd
