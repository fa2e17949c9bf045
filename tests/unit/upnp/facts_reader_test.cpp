// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/facts_reader.h"

#include "fake_gateway.h"
#include "sample_rows.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

const Ipv4Address kHost{0xc0a83215};

class FactsReaderTest : public testing::Test {
protected:
    void read() {
        reader_.read(kHost, TimePoint{Seconds{7}}, [this](const Result<PageFacts>& facts) {
            ASSERT_FALSE(facts_) << "it is called once";
            facts_ = facts;
        });
    }
    /// Answers the next question with rows of these ids.
    void answerRows(std::uint32_t first, std::uint32_t count, std::uint32_t total) {
        OpeningRows rows{{}, total};
        for (std::uint32_t id = first; id < first + count; ++id) rows.rows.push_back(sampleRow(id));
        gateway_.answer(rows);
    }

    FakeGateway gateway_;
    FactsReader reader_{gateway_};
    std::optional<Result<PageFacts>> facts_;
};

TEST_F(FactsReaderTest, AsksForAllRowsInTurn) {
    read();
    EXPECT_EQ(gateway_.next<GetOverview>(), GetOverview{kHost});
    EXPECT_EQ(gateway_.asked.front().deadline, TimePoint{Seconds{7}});
    gateway_.answer(Overview{.external = "ppp0"});
    EXPECT_EQ(gateway_.next<GetRows>(), (GetRows{0, kHost}));
    answerRows(1, 32, 40);
    EXPECT_EQ(gateway_.next<GetRows>(), (GetRows{32, kHost}));
    EXPECT_FALSE(facts_);
    answerRows(33, 8, 40);
    EXPECT_TRUE(gateway_.asked.empty());
    ASSERT_TRUE(facts_ && *facts_);
    EXPECT_EQ((*facts_)->overview.external, "ppp0");
    EXPECT_EQ((*facts_)->rows.size(), 40U);
    EXPECT_EQ((*facts_)->total, 40U);
}

TEST_F(FactsReaderTest, TakesNoRowTwiceAndEndsWhereRowsEnd) {
    read();
    gateway_.answer(Overview{});
    answerRows(1, 32, 70);
    answerRows(30, 32, 70);  // three have gone meanwhile, of those before
    EXPECT_EQ(gateway_.next<GetRows>().from, 64U);
    answerRows(0, 0, 60);
    ASSERT_TRUE(facts_ && *facts_);
    EXPECT_EQ((*facts_)->rows.size(), 61U);
    EXPECT_EQ((*facts_)->total, 60U);
}

TEST_F(FactsReaderTest, EndsAtTheMostRowsOfAPage) {
    read();
    gateway_.answer(Overview{});
    constexpr std::uint32_t kEach{kMaxRows};
    for (std::uint32_t i = 0; !facts_; ++i) {
        ASSERT_LT(i, FactsReader::kMostRows / kMaxRows);
        answerRows(1 + i * kEach, kEach, 5000);
    }
    EXPECT_EQ((*facts_)->rows.size(), FactsReader::kMostRows);
    EXPECT_EQ((*facts_)->total, 5000U);
}

TEST_F(FactsReaderTest, PassesErrorsOn) {
    read();
    gateway_.answer(MappingError::NotAuthorized);
    ASSERT_TRUE(facts_ && !*facts_);
    EXPECT_EQ(facts_->error(), MappingError::NotAuthorized);
    facts_.reset();
    read();
    gateway_.answer(Overview{});
    gateway_.answer(MappingError::Backend);
    ASSERT_TRUE(facts_ && !*facts_);
    EXPECT_EQ(facts_->error(), MappingError::Backend);
}

}  // namespace
}  // namespace igd::upnp
