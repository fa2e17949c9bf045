// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_client.h"

#include "fake_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::redis {
namespace {

using testing::HasSubstr;

constexpr const char* kName = "mapping udp 3074";
constexpr const char* kKey = "upnpd:opening:mapping udp 3074";
constexpr const char* kLine =
    "mapping udp 3074 192.168.50.10:3074 at=1000 account=192.168.50.10 claim=igd;end=never";

class StoreClientTest : public testing::Test {
protected:
    void begin(bool leads) {
        client_.emplace(loop_,
                        store::Begin{server_.setting(), {}, "a", 1, 0, leads ? unixNow() : 0},
                        [this](const store::ToEngine& message) { told_.push_back(message); });
    }
    static store::UnixTime unixNow() {
        return static_cast<store::UnixTime>(std::chrono::floor<std::chrono::milliseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count());
    }
    /// Returns the next message of that kind, and forgets what was told before it.
    template <class Message>
    std::optional<Message> next() {
        const TimePoint end = Clock::now() + Seconds{5};
        while (Clock::now() < end) {
            while (!told_.empty()) {
                const store::ToEngine message = told_.front();
                told_.erase(told_.begin());
                if (std::holds_alternative<store::Pause>(message)) client_->take(store::GoOn{});
                if (const auto* const found = std::get_if<Message>(&message)) return *found;
            }
            loop_.restart();
            loop_.run_one_for(std::chrono::milliseconds{10});
        }
        return std::nullopt;
    }
    void write(std::uint32_t number) {
        client_->take(store::Keep{kName, kLine, 0, 5});
        client_->take(store::Write{number});
    }
    void takenByAnother() {
        server_.texts["upnpd:token"] = "9";
        server_.hashes["upnpd:leader"] = {{"instance", "2"}, {"taken", "1"}, {"name", "b"}};
        server_.changes.push_back({"kind", "lead", "token", "9", "name", "b"});
    }

    boost::asio::io_context loop_{1};
    FakeServer server_{loop_};
    std::vector<store::ToEngine> told_;
    std::optional<StoreClient> client_;
};

TEST_F(StoreClientTest, TakesTheLeadReadsAndWrites) {
    server_.texts["upnpd:epoch"] = "1800000000000";
    server_.hashes[kKey] = {{"line", kLine}, {"first", "3"}};
    begin(true);
    const auto led = next<store::Led>();
    ASSERT_TRUE(led);
    EXPECT_EQ(led->token, 1U);
    EXPECT_EQ(led->epochStart, 1800000000000U);
    EXPECT_EQ(next<store::Row>().value().first, 3U);
    EXPECT_EQ(next<store::Read>().value().bad, 0U);
    write(1);
    EXPECT_EQ(next<store::Written>(), (store::Written{1, ""}));
    EXPECT_EQ(server_.hashes[kKey]["first"], "3");
}

TEST_F(StoreClientTest, NoticesAnotherLeaderWithinASecond) {
    begin(true);
    ASSERT_TRUE(next<store::Read>());
    const TimePoint since = Clock::now();
    takenByAnother();
    EXPECT_EQ(next<store::Leader>(), (store::Leader{9, "b", true}));
    EXPECT_LT(Clock::now() - since, Seconds{1});
    write(1);
    EXPECT_NE(next<store::Written>().value().problem, "");
    EXPECT_FALSE(server_.hashes.contains(kKey));
}

TEST_F(StoreClientTest, WritesNothingAfterAnotherHasTakenTheLead) {
    begin(true);
    ASSERT_TRUE(next<store::Read>());
    takenByAnother();
    write(1);
    EXPECT_NE(next<store::Written>().value().problem, "");
    EXPECT_FALSE(server_.hashes.contains(kKey));
}

TEST_F(StoreClientTest, TellsAFollowerWhatTheLeaderLeaves) {
    takenByAnother();
    server_.texts["upnpd:epoch"] = "1800000000000";
    server_.texts["upnpd:bootid"] = "7";
    begin(false);
    EXPECT_EQ(next<store::KeepEpoch>(), (store::KeepEpoch{1'800'000'000'000, 7, ""}));
    server_.texts["upnpd:bootid"] = "8";
    EXPECT_EQ(next<store::KeepEpoch>().value().bootId, 8U);
}

TEST_F(StoreClientTest, SaysSinceWhenTheOneOfItsNameHasLed) {
    takenByAnother();
    begin(true);
    EXPECT_EQ(next<store::Led>().value().ledSince, 0U);
    server_.texts["upnpd:token"] = "20";
    server_.hashes["upnpd:leader"]["instance"] = "3";
    server_.hashes["upnpd:leader"]["taken"] = "17";
    client_.reset();
    begin(true);
    EXPECT_EQ(next<store::Led>().value().ledSince, 17U);
}

TEST_F(StoreClientTest, FollowsAndThenLeads) {
    takenByAnother();
    begin(false);
    ASSERT_TRUE(next<store::Read>());
    server_.changes.push_back({"kind", "kept", "name", kName, "first", "7", "line", kLine});
    EXPECT_EQ(next<store::Row>().value().first, 7U);
    server_.changes.push_back({"kind", "gone", "name", kName});
    EXPECT_EQ(next<store::Gone>().value().name.externalPort, Port{3074});
    server_.changes.push_back({"kind", "kept", "name", kName, "first", "8", "line", kLine});
    client_->take(store::TakeLead{unixNow()});
    EXPECT_EQ(next<store::Row>().value().first, 8U) << "before it leads";
    EXPECT_EQ(next<store::Led>().value().token, 10U);
    client_->take(store::Confirm{4});
    EXPECT_EQ(next<store::Confirmed>(), store::Confirmed{4});
    client_->take(store::Follow{});
    EXPECT_TRUE(next<store::Read>());
}

TEST_F(StoreClientTest, ComesBackAndLeadsStill) {
    begin(true);
    ASSERT_TRUE(next<store::Read>());
    server_.hangUp();
    ASSERT_TRUE(next<store::Away>());
    EXPECT_EQ(next<store::Led>().value().token, 1U);
    ASSERT_TRUE(next<store::Read>());
    server_.loseAll();
    EXPECT_THAT(next<store::Away>().value().problem, HasSubstr("lost"));
    EXPECT_EQ(next<store::Led>().value().token, 2U) << "larger than all before";
    ASSERT_TRUE(next<store::Read>());
}

TEST_F(StoreClientTest, ReadsAStoreThatTakesNothing) {
    server_.hashes[kKey] = {{"line", kLine}, {"first", "3"}};
    server_.hashes["upnpd:opening:x"] = {{"line", "nonsense"}};
    server_.instead = [](const Command& command) {
        return command[0] == "SET" ? "-READONLY You can't write against a read only replica.\r\n"
                                   : "";
    };
    begin(true);
    EXPECT_TRUE(next<store::Row>());
    EXPECT_EQ(next<store::Read>().value().bad, 1U);
    EXPECT_THAT(next<store::Away>().value().problem, HasSubstr("replica"));
}

}  // namespace
}  // namespace igd::redis
