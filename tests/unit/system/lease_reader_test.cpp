// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_reader.h"

#include "lease_lines.h"
#include "samples.h"

#include <gmock/gmock.h>

namespace igd::lease {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kLine = openLine(leased(3074), kNow) + "\n";

std::vector<Opening> read(const std::string& text, const Now& now = kNow) {
    return readLeases(text, now, kLongest).openings;
}

TEST(LeaseReader, FindsWhatWasNotClosed) {
    const std::string text = kLine + openLine(pinhole(5000, 7), kNow) + "\n" +
                             openLine(flow(), kNow) + "\n" + closeLine(leased(3074).name()) + "\n";
    EXPECT_THAT(read(text), ElementsAre(pinhole(5000, 7), flow()));
}

TEST(LeaseReader, ReadsTheLinesOfVersion2Too) {
    const auto leases = readLeases(
        "add tcp 80 192.168.1.10 80 any 0 on igd 192.168.1.10 x\n"
        "pinhole 7 tcp 5000 2001:db8::5 any 0 1800003600 2001:db8::5\nclose 7\n" +
            kLine,
        kNow, kLongest);
    EXPECT_EQ(leases.openings.size(), 2U);
    EXPECT_THAT(leases.badLines, IsEmpty());
}

TEST(LeaseReader, LeavesOutWhatEndedWhileNobodyLooked) {
    EXPECT_THAT(read(kLine, {kNow.monotonic, kNow.wall + 3600s}), IsEmpty());
    EXPECT_EQ(read(kLine, {kNow.monotonic, kNow.wall + 3590s}).at(0).end(), kNow.monotonic + 10s);
}

TEST(LeaseReader, CapsLeasesAtTheLongest) {  // IGD-Lease-09
    EXPECT_EQ(readLeases(kLine, kNow, 60s).openings.at(0).end(), kNow.monotonic + 60s);
}

/// A lease of an hour, written by a daemon that started at kNow under that boot.
std::string withClock(const Now& written = kNow) {
    return clockLine(written, "boot-1") + "\n" + openLine(leased(3074), written) + "\n";
}

std::vector<Opening> readAfter(const std::string& text, Seconds monotonic, WallTime wall,
                               const Boot& boot) {
    return readLeases(text, {kNow.monotonic + monotonic, wall}, kLongest, boot).openings;
}

TEST(LeaseReader, NeedsNoWallClockUnderTheSameBoot) {
    for (const WallTime wall : {WallTime{}, kNow.wall, kNow.wall + 1000000000s}) {
        const auto leases = readAfter(withClock(), 600s, wall, {"boot-1", {}});
        ASSERT_EQ(leases.size(), 1U);
        EXPECT_EQ(leases[0].end(), kNow.monotonic + 3600s) << "neither longer nor shorter";
        EXPECT_THAT(readAfter(withClock(), 3600s, wall, {"boot-1", {}}), IsEmpty());
    }
}

TEST(LeaseReader, LetsLeasesRunOnWhileTheRouterIsOff) {
    const auto leases =
        readAfter(withClock(), -3590s, kNow.wall + 1000s, {"boot-2", kNow.wall + 10s});
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases[0].end(), kNow.monotonic - 3590s + 2600s);
    EXPECT_THAT(readAfter(withClock(), -3590s, kNow.wall + 3600s, {"boot-2", kNow.wall + 10s}),
                IsEmpty());
}

TEST(LeaseReader, ProlongsNothingByAClockThatIsNotSetYet) {
    const auto leases = readAfter(withClock(), -3590s, WallTime{20s}, {"boot-2", kNow.wall + 600s});
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases[0].end(), kNow.monotonic - 3590s + 3000s) << "as when it was last written";
}

TEST(LeaseReader, EndsNothingByAClockThatWasNotSetThen) {
    const Now in1970{kNow.monotonic, WallTime{100s}};
    const auto leases = readAfter(withClock(in1970), -3590s, kNow.wall, {"boot-2", WallTime{700s}});
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases[0].end(), kNow.monotonic - 3590s + 3000s);
}

TEST(LeaseReader, ReadsWithABadClockAllTheSame) {
    const auto leases = readLeases("clock now\n" + kLine, kNow, kLongest);
    EXPECT_THAT(leases.openings, ElementsAre(leased(3074)));
    EXPECT_THAT(leases.badLines, ElementsAre(1));
}

TEST(LeaseReader, IgnoresATornLastLine) {
    const auto leases = readLeases(kLine + kLine.substr(0, kLine.size() / 2), kNow, kLongest);
    EXPECT_THAT(leases.openings, ElementsAre(leased(3074)));
    EXPECT_THAT(leases.badLines, IsEmpty());
}

TEST(LeaseReader, SkipsAndNamesBadLines) {  // IGD-Map-21
    const auto leases =
        readLeases("# comment\nnonsense\n\n" + kLine + "close door\nopen mapping udp 0\n# " +
                       std::string(kLongestLine, 'x') + "\n",
                   kNow, kLongest);
    EXPECT_THAT(leases.openings, ElementsAre(leased(3074)));
    EXPECT_THAT(leases.badLines, ElementsAre(2, 5, 6, 7));
}

}  // namespace
}  // namespace igd::lease
