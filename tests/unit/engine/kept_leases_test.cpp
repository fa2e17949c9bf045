// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept_leases.h"

#include "fakes.h"

#include <map>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Now kNow = Now::sample();

/// It was asked for so many seconds ago.
Opening asked(std::uint16_t port, int ago, std::uint16_t internal = 5000) {
    Opening opening = mappingOf(kConsole, port, kNow.monotonic + 1h);
    opening.internal.port = Port{internal};
    opening.claims[0].history.madeAt = kNow.monotonic - 1h;
    opening.claims[0].history.renewedAt = kNow.monotonic - Seconds{ago};
    return opening;
}

std::vector<int> portsOf(const std::vector<Opening>& openings) {
    std::vector<int> ports;
    for (const Opening& each : openings) ports.push_back(each.externalPort.value);
    return ports;
}

/// It is in the hands of the test.
class FakeStore final : public LeaseStore {
public:
    void start(Events events) override { events_ = std::move(events); }
    void stop(std::function<void()> done) override { done(); }
    void lead(Taken /*taken*/) override { leads = true; }
    void follow() override { leads = false; }
    void confirm(std::function<void(bool)> answered) override { answered(leads); }
    void stored(const Opening& opening) override { rows[opening.externalPort.value] = opening; }
    void ended(const Opening& opening) override { rows.erase(opening.externalPort.value); }
    void keep(std::chrono::system_clock::time_point start, std::uint32_t /*bootId*/) override {
        epochStart = start;
    }
    void keepExternal(const std::string& address) override { external = address; }
    [[nodiscard]] std::vector<Opening> openings(TimePoint /*now*/) const override {
        std::vector<Opening> all;
        for (const auto& each : rows) all.push_back(each.second);
        return all;
    }
    [[nodiscard]] LeaseStoreView view() const override { return {.name = "x", .leads = leads}; }
    void childEnded() override {}

    std::map<int, Opening> rows;
    std::chrono::system_clock::time_point epochStart;
    std::string external;
    bool leads = false;
    Events events_;
};

class KeptLeasesTest : public testing::Test {
protected:
    KeptLeasesTest() {
        auto store = std::make_unique<FakeStore>();
        store_ = store.get();
        kept_.emplace(
            std::move(store), [this] { return left_; },
            KeptLeases::Parts{[this] { return ledger_; },
                              [this](const std::vector<Opening>& late) {
                                  for (const Opening& each : late) {
                                      if (each.externalPort.value >= 2000) continue;
                                      ledger_.push_back(each);
                                      store_->stored(each);
                                  }
                              }});
    }

    FakeStore* store_;
    LeftInStore left_;
    std::vector<Opening> ledger_;
    std::optional<KeptLeases> kept_;
};

TEST(Joined, TakesTheOneThatWasAskedForLast) {
    const auto all = joined({asked(1, 10, 111), asked(2, 10, 112)},
                            {asked(1, 5, 221), asked(2, 20, 222)}, std::nullopt, kNow);
    EXPECT_THAT(portsOf(all), ElementsAre(1, 2));
    EXPECT_EQ(all[0].internal.port, Port{221});
    EXPECT_EQ(all[1].internal.port, Port{112});
}

TEST(Joined, TakesAllOfTheStoreWhereThereIsNoFile) {
    EXPECT_THAT(portsOf(joined({}, {asked(1, 10), asked(2, 99999)}, std::nullopt, kNow)),
                ElementsAre(1, 2));
}

TEST(Joined, LeavesOutWhatTheFileKnowsToHaveEnded) {
    const WallTime written = kNow.wall - Seconds{60};
    EXPECT_THAT(portsOf(joined({asked(9, 70)}, {asked(1, 10), asked(2, 70)}, written, kNow)),
                ElementsAre(9, 1));
    Opening unknown = asked(3, 0);
    unknown.claims[0].history = {};
    EXPECT_THAT(joined({}, {unknown}, written, kNow), IsEmpty());
}

TEST(Joined, GivesNoIdTwice) {
    Opening one = asked(1, 10);
    Opening other = asked(2, 5);
    one.pinholeId = other.pinholeId = 7;
    EXPECT_THAT(portsOf(joined({one}, {other}, std::nullopt, kNow)), ElementsAre(1));
    EXPECT_THAT(portsOf(joined({}, {one, other}, std::nullopt, kNow)), ElementsAre(1));
}

TEST_F(KeptLeasesTest, WritesTheLedgerAndForgetsWhatIsNotInIt) {
    left_ = {.openings = {asked(1, 10), asked(5000, 10)}, .isRead = true};
    ledger_ = kept_->load({}, std::nullopt);
    EXPECT_THAT(portsOf(ledger_), ElementsAre(1, 5000));
    ledger_.pop_back();  // the policy does not permit it
    kept_->begin();
    store_->stored(asked(5000, 10));
    store_->events_.read();
    EXPECT_THAT(portsOf(store_->openings(kNow.monotonic)), ElementsAre(1));
}

TEST_F(KeptLeasesTest, RestoresOnceWhatComesLate) {
    ledger_ = kept_->load({asked(9, 10)}, std::nullopt);
    kept_->begin();
    store_->stored(asked(1, 10));
    store_->stored(asked(2000, 10));
    store_->events_.read();
    EXPECT_THAT(portsOf(ledger_), UnorderedElementsAre(9, 1));
    EXPECT_THAT(portsOf(store_->openings(kNow.monotonic)), UnorderedElementsAre(1, 9));
    store_->stored(asked(2, 10));
    store_->events_.read();
    EXPECT_THAT(portsOf(ledger_), UnorderedElementsAre(9, 1)) << "it is late no more";
}

TEST_F(KeptLeasesTest, LeavesAStoreAloneThatAnotherLeads) {
    ledger_ = kept_->load({}, std::nullopt);
    kept_->begin();
    store_->stored(asked(1, 10));
    store_->leads = false;
    store_->events_.read();
    EXPECT_EQ(store_->rows.size(), 1U);
    EXPECT_THAT(ledger_, IsEmpty());
}

TEST_F(KeptLeasesTest, GoesOnWithTheEpochOfTheSameAddress) {
    left_ = {.openings = {},
             .isRead = true,
             .lead = {.token = 3, .epochStart = kNow.wall - Seconds{100}, .external = "80.1.2.3"}};
    (void)kept_->load({}, std::nullopt);
    const auto start = kept_->epochStart("80.1.2.3");
    ASSERT_TRUE(start);
    EXPECT_NEAR(static_cast<double>((kNow.monotonic - *start) / 1s), 100, 2);
    EXPECT_FALSE(kept_->epochStart("80.1.2.4"));
    left_.isRead = false;
    (void)kept_->load({}, std::nullopt);
    EXPECT_FALSE(kept_->epochStart("80.1.2.3"));
}

TEST_F(KeptLeasesTest, NeverBeginsAnEpochInTheFuture) {
    left_ = {.openings = {},
             .isRead = true,
             .lead = {.token = 3, .epochStart = kNow.wall + 1h, .external = "80.1.2.3"}};
    (void)kept_->load({}, std::nullopt);
    const TimePoint start = kept_->epochStart("80.1.2.3").value();
    EXPECT_LE(start, Clock::now());
}

TEST_F(KeptLeasesTest, KeepsTheEpochForTheNextRun) {
    kept_->tell(Clock::now() - Seconds{100}, 7, "80.1.2.3");
    EXPECT_NEAR(static_cast<double>((std::chrono::system_clock::now() - store_->epochStart) / 1s),
                100, 2);
    EXPECT_EQ(store_->external, "80.1.2.3");
}

}  // namespace
}  // namespace igd
