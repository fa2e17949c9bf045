// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/lease_file.h"

#include "full_disk.h"
#include "lease_lines.h"
#include "lease_reader.h"
#include "samples.h"
#include "temporary_folder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class LeaseFileTest : public testing::Test {
protected:
    [[nodiscard]] std::string content() const {
        std::ostringstream text;
        text << std::ifstream{path}.rdbuf();
        return text.str();
    }
    [[nodiscard]] auto lines() const {
        const auto text = content();
        return std::ranges::count(text, '\n');
    }
    [[nodiscard]] std::vector<Opening> reread(const Now& now = kNow) const {
        return LeaseFile{path, {}}.load(now, kLongest);
    }

    const TemporaryFolder directory;
    const std::filesystem::path path = directory / "leases";
    std::vector<Opening> table;
    int failures = 0;
    LeaseFile file{path, [this] { return table; }, [this] { ++failures; }};
};

TEST_F(LeaseFileTest, IsEmptyAtFirst) {
    EXPECT_THAT(file.load(kNow, kLongest), IsEmpty());
}

TEST_F(LeaseFileTest, RemembersWhatWasStoredAndForgetsWhatEnded) {
    file.open(kNow);
    for (const Opening& opening : {leased(1), pinhole(5000, 7), flow()}) file.stored(opening, kNow);
    file.ended(leased(1), kNow);
    EXPECT_THAT(reread(), ElementsAre(pinhole(5000, 7), flow()));
}

TEST_F(LeaseFileTest, TakesOverThatOfMiniupnpdOnceAndKeepsIt) {
    const std::string old = "UDP:3074:192.168.1.10:3074:1800003600:a game, with \"quotes\"\nhalf\n";
    const auto pinholes = directory / "leases6";
    std::ofstream{path} << old;
    std::ofstream{pinholes} << "TCP;2001:db8::5;5000;;0;7;1800003600;\n";
    table = file.load(kNow, kLongest, pinholes);
    EXPECT_THAT(table, ElementsAre(leased(3074), pinhole(5000, 7)));
    EXPECT_EQ(file.load(kNow, kLongest, pinholes), table) << "a start that failed before open()";
    file.open(kNow);
    EXPECT_THAT(content(), testing::HasSubstr("open mapping udp 3074"));
    EXPECT_EQ(file.load(kNow, kLongest, pinholes), table) << "from our own file";
    std::ostringstream kept;
    kept << std::ifstream{path.string() + ".miniupnpd"}.rdbuf();
    EXPECT_EQ(kept.str(), old);
    EXPECT_TRUE(std::filesystem::exists(pinholes));
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".miniupnpd.1"));
}

TEST_F(LeaseFileTest, KeepsEachOldFile) {
    std::ofstream{path.string() + ".miniupnpd"} << "earlier";
    std::ofstream{path} << "UDP:1:192.168.1.10:1:0:x\n";
    EXPECT_EQ(file.load(kNow, kLongest).size(), 1U);
    EXPECT_TRUE(std::filesystem::exists(path.string() + ".miniupnpd.1"));
}

TEST_F(LeaseFileTest, HoldsNothingOfTheAdministrators) {
    Opening taken = leased(1);
    taken.claims = {claimed(Origin::Static, kAlice, std::nullopt)};
    table = {taken, leased(2)};
    file.open(kNow);
    EXPECT_THAT(reread(), ElementsAre(leased(2)));
    table = {leased(1)};
    file.open(kNow);
    file.stored(taken, kNow);
    EXPECT_THAT(reread(), IsEmpty()) << "it was a client's before";
}

TEST_F(LeaseFileTest, StaysSmallHoweverOftenALeaseIsRenewed) {
    table = {leased(1)};
    file.open(kNow);
    for (int i = 0; i < 5000; ++i) file.stored(leased(1), kNow);
    EXPECT_LT(lines(), 1100);
    EXPECT_THAT(reread(), ElementsAre(leased(1)));
}

TEST_F(LeaseFileTest, IsNotMovedByTheWallClock) {
    file.open(kNow);
    const Now jumped{kNow.monotonic + Seconds{10}, kNow.wall + std::chrono::hours{100}};
    file.stored(leased(1), jumped);
    EXPECT_THAT(reread(jumped), ElementsAre(leased(1)));
    table = {leased(1)};
    file.clockWasSet(jumped);
    EXPECT_NE(content().find(lease::clockLine(jumped, "")), std::string::npos);
    EXPECT_THAT(reread(jumped), ElementsAre(leased(1)));
}

/// Times at any phase of a millisecond and of a second.
constexpr std::chrono::microseconds kPhases[] = {0us, 999us, 4001us, 500'300us, 999'999us};

TEST_F(LeaseFileTest, GivesNoClaimMoreThanItWasGranted) {
    constexpr Seconds kLease{600};
    const auto leftOf = [](const std::vector<Opening>& openings, TimePoint now) {
        return openings.empty() ? Seconds{0} : *openings.front().remaining(now);
    };
    for (const auto wall : kPhases)
        for (const auto monotonic : kPhases)
            for (const auto later : kPhases) {
                const Now start{kNow.monotonic + monotonic, kNow.wall + wall};
                const Now granted{start.monotonic + later, start.wall + later};
                Opening opening = leased(1);
                opening.claims.front().expiresAt = granted.monotonic + kLease;
                file.open(start);
                file.stored(opening, granted);
                const auto read = reread(granted);
                ASSERT_EQ(leftOf(read, granted.monotonic), kLease);
                EXPECT_LE(read.front().end(), opening.end());
                // Under another boot, by a file system's clock that is behind, and by none.
                const auto text = content();
                for (const WallTime written : {granted.wall - 4ms, start.wall - 1s, WallTime{}})
                    for (const WallTime present : {granted.wall, kNow.wall, WallTime{20s}})
                        EXPECT_LE(leftOf(lease::readLeases(text, {kNow.monotonic, present},
                                                           kLongest, {"another", written})
                                             .openings,
                                         kNow.monotonic),
                                  kLease);
            }
}

TEST_F(LeaseFileTest, KeepsACopyOfAFileItCannotRead) {
    std::ofstream{path} << "nonsense\n" << lease::openLine(leased(1), kNow) << "\n";
    EXPECT_THAT(file.load(kNow, kLongest), ElementsAre(leased(1)));
    EXPECT_TRUE(std::filesystem::exists(directory / "leases.bad"));
}

TEST_F(LeaseFileTest, IsWholeAgainAfterTheDiskWasFull) {
    table = {leased(1)};
    file.open(kNow);
    {
        const FullDisk disk{std::filesystem::file_size(path) + 10};
        const auto intact = content();
        table.push_back(leased(2));
        file.stored(leased(2), kNow);
        EXPECT_EQ(content(), intact);
    }
    table.push_back(leased(3));
    file.stored(leased(3), kNow);
    EXPECT_THAT(reread(), ElementsAre(leased(1), leased(2), leased(3)));
    EXPECT_TRUE(file.retry(kNow));
}

TEST_F(LeaseFileTest, NeedsNoFurtherLineToBeWholeAgain) {
    table = {leased(1)};
    file.open(kNow);
    {
        const FullDisk disk{std::filesystem::file_size(path) + 10};
        table = {leased(1), leased(2)};
        file.stored(leased(2), kNow);
        file.ended(leased(1), kNow);
        EXPECT_EQ(failures, 1);
        EXPECT_FALSE(file.retry(kNow));
    }
    table = {leased(2)};
    EXPECT_TRUE(file.retry(kNow));
    EXPECT_THAT(reread(), ElementsAre(leased(2)));
    EXPECT_EQ(failures, 1);
}

TEST_F(LeaseFileTest, WaitsForADiskThatIsFullAtTheStart) {
    table = {leased(1)};
    {
        const FullDisk disk{0};
        file.open(kNow);
        EXPECT_EQ(failures, 1);
        table = {leased(1), leased(2)};
        file.stored(leased(2), kNow);
        EXPECT_FALSE(file.retry(kNow));
    }
    EXPECT_TRUE(file.retry(kNow));
    EXPECT_THAT(reread(), ElementsAre(leased(1), leased(2)));
}

TEST_F(LeaseFileTest, DoesNotWaitForWhatIsNoFile) {
    std::filesystem::create_directory(directory / "leases.new");
    EXPECT_THROW(file.open(kNow), std::runtime_error);
    EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace igd
