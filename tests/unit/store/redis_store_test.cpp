// SPDX-License-Identifier: GPL-2.0-or-later
#include "redis_store.h"

#include "children.h"
#include "openings_for_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include <sys/socket.h>

namespace igd {
namespace {

using namespace store;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The process only waits for its end; the test says what it says.
class RedisStoreTest : public testing::Test {
protected:
    RedisStoreTest() { restart(); }
    ~RedisStoreTest() override { its_.reset(); }

    void restart() {
        store_.emplace(loop_,
                       StorePlace{parseStoreSetting("redis://10.0.0.5").value(), {}, "this host"},
                       [this](UniqueFd channel) {
                           its_ = std::move(channel);
                           ++started_;
                           child_ = ::fork();
                           if (child_ == 0) waitForEver();
                           return child_;
                       });
    }
    void start() {
        store_->start({.read = [this] { ++read_; },
                       .replaced = [this](const std::string& by) { replacedBy_ = by; }});
    }
    void poll() {
        loop_.restart();
        loop_.poll();
    }
    void say(const ToEngine& message) {
        const auto bytes = encode(message).value();
        ASSERT_GT(::send(its_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
        poll();
    }
    /// Returns what was said to the process since the last time.
    std::vector<ToProcess> heard() {
        poll();
        std::vector<ToProcess> all;
        std::array<std::uint8_t, 32768> buffer{};
        for (ssize_t size = 1; size > 0;) {
            size = ::recv(its_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size > 0)
                all.push_back(
                    decodeToProcess(std::span{buffer}.first(static_cast<std::size_t>(size)))
                        .value());
        }
        return all;
    }
    /// It leads an empty store.
    void lead() {
        start();
        store_->lead([this](const tl::expected<Lead, std::string>& taken) { taken_ = taken; });
        say(Led{3, 1800000000000, 5, "80.1.2.3", 1800000001000});
        say(ReadBegins{});
        say(Read{});
        (void)heard();
    }
    void keep(std::uint16_t port) { store_->stored(mappingAt(port, Clock::now())); }
    /// Returns the number of the batch that waits for its answer.
    std::uint32_t batch(std::size_t rows) {
        const auto said = heard();
        EXPECT_THAT(said, SizeIs(rows + 1));
        return said.empty() ? 0 : std::get<Write>(said.back()).number;
    }

    boost::asio::io_context loop_{1};
    UniqueFd its_;
    pid_t child_ = 0;
    int started_ = 0;
    int read_ = 0;
    std::string replacedBy_;
    std::optional<tl::expected<Lead, std::string>> taken_;
    std::optional<RedisStore> store_;
};

TEST_F(RedisStoreTest, TellsTheProcessWhereTheStoreIs) {
    start();
    const auto said = heard();
    ASSERT_THAT(said, SizeIs(1));
    const auto& begin = std::get<Begin>(said[0]);
    EXPECT_EQ(toString(begin.setting), "redis://10.0.0.5:6379/0");
    EXPECT_EQ(begin.name, "this host");
    EXPECT_NE(begin.instance, 0U);
    EXPECT_EQ(begin.leadsSince, 0U);
    EXPECT_EQ(started_, 1);
}

TEST_F(RedisStoreTest, TakesTheLeadWithWhatTheOneBeforeHasLeft) {
    lead();
    ASSERT_TRUE(taken_ && *taken_);
    EXPECT_EQ((*taken_)->token, 3U);
    EXPECT_EQ((*taken_)->bootId, 5U);
    EXPECT_EQ((*taken_)->external, "80.1.2.3");
    EXPECT_EQ((*taken_)->epochStart->time_since_epoch(), Seconds{1800000000});
    EXPECT_EQ((*taken_)->ledSince->time_since_epoch(), Seconds{1800000001});
    EXPECT_EQ(read_, 1);
    EXPECT_TRUE(store_->view().leads);
    EXPECT_EQ(store_->view().leader, "this host");
}

TEST_F(RedisStoreTest, WritesOneBatchAtATime) {
    lead();
    keep(1);
    const auto first = batch(1);
    keep(2);
    keep(2);
    keep(3);
    EXPECT_THAT(heard(), IsEmpty());
    EXPECT_EQ(store_->view().waiting, 3U);
    say(Written{first});
    say(Written{batch(2)});
    EXPECT_EQ(store_->view().waiting, 0U);
    store_->ended(mappingAt(2, Clock::now()));
    const auto said = heard();
    EXPECT_EQ(std::get<Forget>(said.at(0)).name, "mapping udp 2");
}

TEST_F(RedisStoreTest, WritesABatchAgainThatTheStoreRefuses) {
    lead();
    keep(1);
    say(Written{batch(1), "it is full"});
    EXPECT_EQ(store_->view().problem, "it is full");
    EXPECT_EQ(store_->view().waiting, 1U);
    keep(2);
    EXPECT_THAT(heard(), IsEmpty()) << "it rests";
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds{1300});
    say(Written{batch(2)});
    EXPECT_EQ(store_->view().problem, "");
}

TEST_F(RedisStoreTest, WritesWhatHasChangedWhenItIsBack) {
    lead();
    keep(1);
    say(Written{batch(1)});
    keep(2);
    (void)batch(1);
    say(Away{"it has closed the connection"});
    store_->ended(mappingAt(1, Clock::now()));
    keep(3);
    EXPECT_THAT(heard(), IsEmpty());
    EXPECT_EQ(store_->view().waiting, 3U);
    say(Led{3});
    say(ReadBegins{});
    say(Row{mappingAt(1, Clock::now()), 1, 1});
    say(Read{});
    say(Written{batch(3)});
    EXPECT_EQ(store_->view().waiting, 0U);
    EXPECT_EQ(store_->view().problem, "");
}

TEST_F(RedisStoreTest, SaysWhyTheLeadIsNotToBeHadAndLeads) {
    start();
    store_->lead([this](const tl::expected<Lead, std::string>& taken) { taken_ = taken; });
    say(Away{"Connection refused"});
    poll();
    ASSERT_TRUE(taken_ && !*taken_);
    EXPECT_THAT(taken_->error(), HasSubstr("refused"));
    keep(1);
    EXPECT_EQ(store_->view().waiting, 1U);
    say(Led{3});
    say(ReadBegins{});
    say(Read{});
    (void)heard();
    EXPECT_TRUE(store_->view().leads);
}

TEST_F(RedisStoreTest, WaitsASecondForTheLead) {
    start();
    store_->lead([this](const tl::expected<Lead, std::string>& taken) { taken_ = taken; });
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds{1300});
    ASSERT_TRUE(taken_ && !*taken_);
    EXPECT_THAT(taken_->error(), HasSubstr("within a second"));
}

TEST_F(RedisStoreTest, WritesNothingWhenAnotherLeads) {
    lead();
    keep(1);
    (void)batch(1);
    keep(2);
    say(Leader{4, "another host", true});
    EXPECT_EQ(replacedBy_, "another host");
    EXPECT_FALSE(store_->view().leads);
    keep(3);
    EXPECT_THAT(heard(), ElementsAre(ToProcess{Follow{}}));
    EXPECT_EQ(store_->view().waiting, 0U);
}

TEST_F(RedisStoreTest, FollowsWhatAnotherWrites) {
    start();
    say(ReadBegins{});
    say(Row{mappingAt(1, Clock::now()), 2, 1});
    say(Pause{});
    EXPECT_EQ(heard().back(), ToProcess{GoOn{}});
    say(Row{mappingAt(2, Clock::now()), 1, 1});
    say(Read{});
    say(Row{mappingAt(3, Clock::now()), 3, 1});
    say(Gone{mappingAt(1, Clock::now()).name()});
    say(Leader{4, "another host"});
    const auto openings = store_->openings(Clock::now());
    ASSERT_THAT(openings, SizeIs(2));
    EXPECT_EQ(openings[0].externalPort, Port{2});
    EXPECT_EQ(store_->view().leader, "another host");
    keep(9);
    EXPECT_EQ(store_->view().waiting, 0U) << "it does not lead";
    EXPECT_EQ(replacedBy_, "");
}

TEST_F(RedisStoreTest, KnowsWhatTheLeaderHasLeftWhileTheStoreIsAway) {
    start();
    say(ReadBegins{});
    say(Read{});
    say(KeepEpoch{1'800'000'000'000, 7, "80.100.100.1"});
    say(Away{"connection refused"});
    EXPECT_EQ(store_->known().bootId, 7U);
    EXPECT_EQ(store_->known().external, "80.100.100.1");
    EXPECT_EQ(store_->known().epochStart,
              std::chrono::system_clock::time_point{Seconds{1'800'000'000}});
}

TEST_F(RedisStoreTest, ConfirmsTheLead) {
    lead();
    std::vector<bool> answers;
    store_->confirm([&](bool leads) { answers.push_back(leads); });
    const auto said = heard();
    say(Confirmed{std::get<Confirm>(said.at(0)).number});
    EXPECT_THAT(answers, ElementsAre(true));
    store_->confirm([&](bool leads) { answers.push_back(leads); });
    say(Leader{4, "another host", true});
    say(Confirmed{2});
    EXPECT_THAT(answers, ElementsAre(true, false));
}

TEST_F(RedisStoreTest, StartsAProcessThatHasEndedAgain) {
    lead();
    keep(1);
    (void)batch(1);
    ::kill(child_, SIGKILL);
    while (store_->view().problem.empty()) {
        store_->childEnded();
        ::usleep(1000);
    }
    EXPECT_THAT(store_->view().problem, HasSubstr("killed by signal 9"));
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds{1300});
    EXPECT_EQ(started_, 2);
    const auto said = heard();
    EXPECT_EQ(std::get<Begin>(said.at(0)).token, 3U) << "it has that lead still";
    say(Led{3});
    say(ReadBegins{});
    say(Read{});
    (void)batch(1);
}

TEST_F(RedisStoreTest, StandsAProcessThatMakesNoSense) {
    lead();
    const std::uint8_t nonsense = 0xff;
    ASSERT_EQ(::send(its_.get(), &nonsense, 1, MSG_NOSIGNAL), 1);
    poll();
    EXPECT_THAT(store_->view().problem, HasSubstr("makes no sense"));
    say(Written{77, ""});
    say(Confirmed{77});
}

TEST_F(RedisStoreTest, WritesWhatWaitsBeforeItStops) {
    lead();
    keep(1);
    const auto first = batch(1);
    keep(2);
    bool stopped = false;
    store_->stop([&] { stopped = true; });
    say(Written{first});
    say(Written{batch(1)});
    EXPECT_FALSE(stopped) << "the process is there";
    ::kill(child_, SIGKILL);
    while (!stopped) {
        store_->childEnded();
        poll();
    }
}

TEST_F(RedisStoreTest, StopsWithinASecondBesideASilentStore) {
    lead();
    keep(1);
    bool stopped = false;
    store_->stop([&] { stopped = true; });
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds{1300});
    EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace igd
