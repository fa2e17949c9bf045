// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection.h"

#include "children.h"
#include "fake_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConnectionTest : public testing::Test {
protected:
    void open(const StoreLogin& login = {}) { open(server_.setting(), login); }
    void open(const StoreSetting& setting, const StoreLogin& login = {}) {
        connection_.emplace(
            loop_, setting, login,
            Connection::Handlers{
                .ready = [this] { isReady_ = true; },
                .lost = [this](const std::string& problem) { problem_ = problem; }});
    }
    bool runUntil(const std::function<bool()>& condition) {
        const TimePoint end = Clock::now() + Seconds{5};
        while (!condition() && Clock::now() < end) {
            loop_.restart();
            loop_.run_one_for(std::chrono::milliseconds{10});
        }
        return condition();
    }
    bool isLost() {
        return runUntil([this] { return !problem_.empty(); });
    }

    boost::asio::io_context loop_{1};
    FakeServer server_{loop_};
    std::optional<Connection> connection_;
    bool isReady_ = false;
    std::string problem_;
};

TEST_F(ConnectionTest, SignsInAndAnswersInOrder) {
    open({"router", "secret"});
    ASSERT_TRUE(runUntil([this] { return isReady_; }));
    EXPECT_THAT(server_.asked,
                ElementsAre(Command{"AUTH", "router", "secret"}, Command{"SELECT", "0"}));
    std::vector<std::string> answers;
    connection_->ask({{"SET", "a", "1"}, {"GET", "a"}}, [&](const std::vector<Reply>& replies) {
        for (const Reply& each : replies) answers.push_back(each.text);
    });
    connection_->ask({{"GET", "b"}}, [&](const std::vector<Reply>& replies) {
        EXPECT_EQ(replies[0].kind, Reply::Kind::Nothing);
        answers.emplace_back("nothing");
    });
    ASSERT_TRUE(runUntil([&] { return answers.size() == 3; }));
    EXPECT_THAT(answers, ElementsAre("OK", "1", "nothing"));
}

TEST_F(ConnectionTest, SaysWhyNobodyIsLetIn) {
    server_.instead = [](const Command& command) {
        return command[0] == "SELECT" ? "-NOAUTH Authentication required.\r\n" : "";
    };
    open();
    ASSERT_TRUE(isLost());
    EXPECT_THAT(problem_, HasSubstr("it asks for a password"));
    EXPECT_FALSE(isReady_);
}

TEST_F(ConnectionTest, IsLostWithAnAnswerThatIsNone) {
    for (const std::string octets : {"HTTP/1.1 200 OK\r\n", "*100000000\r\n"}) {
        server_.instead = [octets](const Command&) { return octets; };
        problem_.clear();
        open();
        ASSERT_TRUE(isLost());
        EXPECT_THAT(problem_, HasSubstr("no answer of a Redis server"));
    }
    server_.instead = [](const Command&) { return "+OK\r\n+OK\r\n"; };
    problem_.clear();
    open();
    ASSERT_TRUE(isLost());
    EXPECT_THAT(problem_, HasSubstr("nobody has asked"));
}

TEST_F(ConnectionTest, IsLostWithItsServer) {
    open();
    ASSERT_TRUE(runUntil([this] { return isReady_; }));
    bool answered = false;
    server_.isSilent = true;
    connection_->ask({{"GET", "a"}}, [&](const std::vector<Reply>&) { answered = true; });
    (void)runUntil([this] { return server_.asked.size() == 2; });
    server_.hangUp();
    ASSERT_TRUE(isLost());
    EXPECT_FALSE(answered);
}

TEST_F(ConnectionTest, IsNotToBeHadWhereNobodyListens) {
    open({.place = std::filesystem::path{"/no/such/socket"}});
    ASSERT_TRUE(isLost());
    EXPECT_THAT(problem_, HasSubstr("No such file"));
}

}  // namespace
}  // namespace igd::redis
