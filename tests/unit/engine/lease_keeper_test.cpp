// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_keeper.h"

#include "fakes.h"
#include "full_disk.h"
#include "temporary_folder.h"

#include <fstream>
#include <optional>
#include <stdexcept>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Seconds kLongest{604800};

/// A keeper, and the ledger that it writes whole.
class LeaseKeeperTest : public LoopTest {
protected:
    /// Returns what an earlier run left, in words.
    std::vector<std::string> load(LeaseKeeper& keeper) {
        std::vector<std::string> texts;
        for (const Opening& opening : keeper.load(
                 path_, [this] { return all_; }, kLongest))
            texts.push_back(describe(opening));
        return texts;
    }
    /// Returns what the next run would find.
    std::vector<std::string> inFile() {
        LeaseKeeper next{loop_, [] {}};
        return load(next);
    }
    void start() {
        EXPECT_THAT(load(keeper_), IsEmpty());
        keeper_.open();
    }
    void store(const Opening& opening) {
        all_.push_back(opening);
        keeper_.openingStored(opening);
    }
    static Opening leased(std::uint16_t port) {
        return mappingOf(kConsole, port, Clock::now() + 1h);
    }

    TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "leases";
    std::vector<Opening> all_;
    int changes_ = 0;
    LeaseKeeper keeper_{loop_, [this] { ++changes_; }, 5ms};
};

TEST_F(LeaseKeeperTest, ANextRunFindsWhatWasStoredAndNotWhatHasEnded) {
    start();
    store(leased(3000));
    store(leased(3001));
    Opening pinhole =
        openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}}, Clock::now() + 1h, Origin::Pcp);
    pinhole.claims.front().nonce = Nonce{1};
    store(pinhole);
    keeper_.openingEnded(all_.front());
    EXPECT_EQ(changes_, 4);
    EXPECT_THAT(inFile(), ElementsAre("udp 3001 -> 192.168.1.10:3001",
                                      "pinhole udp [2001:db8::10]:5000 from any"));
}

TEST_F(LeaseKeeperTest, AtItsStartTheFileIsWrittenWhole) {
    start();
    store(leased(3000));
    LeaseKeeper second{loop_, [] {}};
    EXPECT_THAT(load(second), ElementsAre("udp 3000 -> 192.168.1.10:3000"));
    all_ = {leased(3005)};
    second.open();
    EXPECT_THAT(inFile(), ElementsAre("udp 3005 -> 192.168.1.10:3005"));
}

TEST_F(LeaseKeeperTest, TheAdministratorsOwnAreNotInTheFile) {
    start();
    store(mappingOf(kConsole, 3000, std::nullopt, Origin::Static));
    store(leased(3001));
    EXPECT_THAT(inFile(), ElementsAre("udp 3001 -> 192.168.1.10:3001"));
    keeper_.clockWasSet();
    EXPECT_THAT(inFile(), ElementsAre("udp 3001 -> 192.168.1.10:3001"));
}

TEST_F(LeaseKeeperTest, NoLeaseIsLongerThanTheLongest) {
    start();
    store(mappingOf(kConsole, 3000, Clock::now() + 24h * 365));
    LeaseKeeper next{loop_, [] {}};
    const auto loaded = next.load(
        path_, [] { return std::vector<Opening>{}; }, Seconds{60});
    ASSERT_EQ(loaded.size(), 1U);
    EXPECT_LE(loaded.front().end(), Clock::now() + 60s);
}

TEST_F(LeaseKeeperTest, WithoutAFileChangesAreToldAllTheSame) {
    keeper_.open();
    keeper_.clockWasSet();
    store(leased(3000));
    keeper_.openingEnded(all_.front());
    EXPECT_EQ(changes_, 2);
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(LeaseKeeperTest, AFileThatCannotBeReadOrWrittenStopsTheStart) {
    path_ = folder_ / "missing" / "leases";
    EXPECT_THAT(load(keeper_), IsEmpty());
    EXPECT_THROW(keeper_.open(), std::runtime_error);
    path_ = folder_ / "";  // a folder is no file
    EXPECT_THROW((void)load(keeper_), std::runtime_error);
}

TEST_F(LeaseKeeperTest, WhatCouldNotBeWrittenIsWrittenLater) {
    start();
    store(leased(3000));
    {
        const FullDisk disk{std::filesystem::file_size(path_) + 10};
        store(leased(3001));
        EXPECT_EQ(changes_, 2) << "clients are told all the same";
        runFor(20ms);
        EXPECT_THAT(inFile(), ElementsAre("udp 3000 -> 192.168.1.10:3000"));
        EXPECT_FALSE(isIdle()) << "it is tried again";
    }
    runUntil([this] { return inFile().size() == 2; });
    EXPECT_TRUE(isIdle()) << "nothing is left to be written";
}

TEST_F(LeaseKeeperTest, NothingIsTriedAgainAfterStop) {
    start();
    {
        const FullDisk disk{std::filesystem::file_size(path_) + 10};
        store(leased(3000));
        EXPECT_FALSE(isIdle());
        keeper_.stop();
        EXPECT_TRUE(isIdle());
    }
    runFor(20ms);
    EXPECT_THAT(inFile(), IsEmpty());
}

TEST_F(LeaseKeeperTest, WhatFailsAfterStopIsNotTriedAgain) {
    start();
    keeper_.stop();
    {
        const FullDisk disk{std::filesystem::file_size(path_) + 10};
        store(leased(3000));
    }
    EXPECT_TRUE(isIdle());
    EXPECT_THAT(inFile(), IsEmpty());
}

}  // namespace
}  // namespace igd
