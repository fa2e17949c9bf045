// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/lease_file.h"

#include "samples.h"
#include "temporary_folder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include <sys/resource.h>

namespace igd {
namespace {

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
    [[nodiscard]] std::vector<Mapping> reread() const {
        return LeaseFile{path, {}}.load(kNow, kLongest).mappings;
    }

    const TemporaryFolder directory;
    const std::filesystem::path path = directory / "leases";
    std::vector<Mapping> table;
    int failures = 0;
    LeaseFile file{path, [this] { return Leases{table, {}, {}}; }, [this] { ++failures; }};
};

TEST_F(LeaseFileTest, IsEmptyAtFirst) {
    EXPECT_THAT(file.load(kNow, kLongest).mappings, IsEmpty());
}

TEST_F(LeaseFileTest, RemembersWhatWasStoredAndForgetsWhatEnded) {
    file.open(kNow);
    file.stored(leased(1), kNow);
    file.stored(leased(2), kNow);
    file.ended(leased(1).key, kNow);
    EXPECT_THAT(reread(), ElementsAre(leased(2)));
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
    EXPECT_THAT(reread(), ElementsAre(leased(1)));
    table = {leased(1)};
    file.clockWasSet(jumped);
    EXPECT_NE(content().find(clockLine(jumped, "")), std::string::npos);
    EXPECT_THAT((LeaseFile{path, {}}.load(jumped, kLongest).mappings), ElementsAre(leased(1)));
}

TEST_F(LeaseFileTest, KeepsACopyOfAFileItCannotRead) {
    std::ofstream{path} << "nonsense\n" << addLine(leased(1), kNow) << "\n";
    EXPECT_THAT(file.load(kNow, kLongest).mappings, ElementsAre(leased(1)));
    EXPECT_TRUE(std::filesystem::exists(directory / "leases.bad"));
}

/// While it lives no file can be longer than that.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t size) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit full{size, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &full);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
};

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
        file.ended(leased(1).key, kNow);
        EXPECT_EQ(failures, 1);
        EXPECT_FALSE(file.retry(kNow));
    }
    table = {leased(2)};
    EXPECT_TRUE(file.retry(kNow));
    EXPECT_THAT(reread(), ElementsAre(leased(2)));
    EXPECT_EQ(failures, 1);
}

}  // namespace
}  // namespace igd
