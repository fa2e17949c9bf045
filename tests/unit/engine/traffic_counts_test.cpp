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
        id_ = openings_.lists().all().front().id;
    }
    void counts(std::uint64_t packets) {
        firewall_.counted["udp 3000 -> 192.168.1.10:3000"] = {packets, packets * 100};
    }
    std::optional<Traffic> ask() {
        now_ += 1s;
        return traffic_.of(id_, now_);
    }

    TimePoint now_ = Clock::now();
    std::uint32_t id_ = 0;
    TrafficCounts traffic_{openings_, firewall_};
};

TEST_F(TrafficCountsTest, TellsWhatTheKernelCounts) {
    counts(3);
    EXPECT_EQ(ask(), (Traffic{3, 300}));
    EXPECT_EQ(traffic_.of(id_ + 1, now_), std::nullopt) << "what is not counted is not nothing";
    EXPECT_EQ(traffic_.of(99, now_), std::nullopt);
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
    EXPECT_EQ(traffic_.of(id_, now_ + 999ms), (Traffic{3, 300}));
    EXPECT_EQ(firewall_.looksAtTraffic, 1);
    EXPECT_EQ(traffic_.of(id_, now_ + 1s), (Traffic{4, 400}));
}

TEST_F(TrafficCountsTest, AsksMoreRarelyWhenALookTakesLong) {
    firewall_.trafficTakes = 100ms;
    counts(3);
    (void)ask();
    firewall_.trafficTakes = 0ms;
    counts(4);
    EXPECT_EQ(traffic_.of(id_, now_ + TrafficCounts::kRestAfterLook * 100ms - 1ms),
              (Traffic{3, 300}));
    EXPECT_EQ(traffic_.of(id_, now_ + 1h), (Traffic{4, 400}));
    EXPECT_EQ(traffic_.of(id_, now_ + 1h + 1s), (Traffic{4, 400}));
    EXPECT_EQ(firewall_.looksAtTraffic, 3) << "that look was short";
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

TEST_F(TrafficCountsTest, ForgetsWhatHasEnded) {
    counts(3);
    (void)ask();
    ASSERT_TRUE(openings_.remove(udp(3000), now_));
    EXPECT_EQ(ask(), std::nullopt);
}

}  // namespace
}  // namespace igd
