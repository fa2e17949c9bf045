// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic_counts.h"

#include "fakes.h"

namespace igd {
namespace {

class TrafficCountsTest : public EngineTest {
protected:
    void SetUp() override {
        ASSERT_TRUE(openings_.restore(
            std::vector{mappingOf(kConsole, 3000), mappingOf(kPhone, 4000)}, now_));
        console_ = openings_.lists().all().front();
    }
    void counts(std::uint64_t packets) {
        firewall_.counted["udp 3000 -> 192.168.1.10:3000"] = {packets, packets * 100};
    }
    std::optional<Traffic> ask() {
        now_ += 1s;
        return traffic_.of(console_, now_);
    }

    TimePoint now_ = Clock::now();
    Opening console_;
    TrafficCounts traffic_{openings_, firewall_};
};

TEST_F(TrafficCountsTest, TellsWhatTheKernelCounts) {
    counts(3);
    EXPECT_EQ(ask(), (Traffic{3, 300}));
    EXPECT_EQ(traffic_.of(openings_.lists().all().back(), now_), std::nullopt)
        << "what is not counted is not nothing";
}

TEST_F(TrafficCountsTest, ASilentOpeningIsCounted) {
    counts(0);
    EXPECT_EQ(ask(), Traffic{});
}

TEST_F(TrafficCountsTest, AsksTheKernelOnceASecond) {
    counts(3);
    EXPECT_EQ(firewall_.looksAtTraffic, 0) << "nobody has asked";
    (void)ask();
    counts(4);
    EXPECT_EQ(traffic_.of(console_, now_ + 999ms), (Traffic{3, 300}));
    EXPECT_EQ(firewall_.looksAtTraffic, 1);
    EXPECT_EQ(traffic_.of(console_, now_ + 1s), (Traffic{4, 400}));
}

TEST_F(TrafficCountsTest, ARepairLosesNothing) {
    counts(3);
    (void)ask();
    counts(5);
    traffic_.beforeLaying(now_);
    traffic_.laid();
    counts(6);
    EXPECT_EQ(ask(), (Traffic{11, 1100})) << "more than before, and yet another counter";
}

TEST_F(TrafficCountsTest, ACounterThatIsGoneIsRemembered) {
    counts(3);
    (void)ask();
    firewall_.counted.clear();
    EXPECT_EQ(ask(), (Traffic{3, 300}));
    firewall_.broken = true;
    EXPECT_EQ(ask(), (Traffic{3, 300}));
}

TEST_F(TrafficCountsTest, ACounterThatWentBackHasBegunAnew) {
    counts(3);
    (void)ask();
    counts(1);
    EXPECT_EQ(ask(), (Traffic{4, 400}));
    counts(2);
    EXPECT_EQ(ask(), (Traffic{5, 500}));
}

TEST_F(TrafficCountsTest, AsksAboutTheOneThatIsWanted) {
    counts(3);
    (void)ask();
    EXPECT_EQ(firewall_.rulesLookedAt, 1);
}

TEST_F(TrafficCountsTest, LooksOnceMoreBeforeARepairAtWhatWasAskedFor) {
    (void)ask();
    traffic_.beforeLaying(now_);
    EXPECT_EQ(firewall_.rulesLookedAt, 2);
}

}  // namespace
}  // namespace igd
