// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/helper_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::StrEq;

/// A process that says "ready", and ends when its end of the channel says "end", or closes.
pid_t startFake(UniqueFd channel) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int end = channel.release();
    ::fcntl(end, F_SETFL, 0);
    (void)::send(end, "ready", 5, 0);
    char said[16]{};
    for (ssize_t size = 1; size > 0 && std::string_view{said} != "end";)
        size = ::recv(end, said, sizeof said - 1, 0);
    ::_exit(std::string_view{said} == "end" ? 7 : 8);
}

class HelperProcessTest : public testing::Test {
protected:
    void start() {
        process_.start(startFake, {.heard =
                                       [this](HelperProcess::Packet packet) {
                                           heard_.emplace_back(packet.begin(), packet.end());
                                           if (hangsUp_) process_.hangUp();
                                       },
                                   .closed = [this] { ++closed_; }});
    }
    void poll() {
        loop_.restart();
        loop_.run_for(std::chrono::milliseconds{20});
    }
    std::string end() {
        for (int tries = 0; tries < 250; ++tries) {
            poll();
            if (const auto end = process_.takeEnd()) return *end;
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return "it goes on";
    }
    bool say(std::string_view text) {
        return process_.say({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }

    boost::asio::io_context loop_{1};
    HelperProcess process_{loop_};
    std::vector<std::string> heard_;
    int closed_ = 0;
    bool hangsUp_ = false;
};

TEST_F(HelperProcessTest, HearsAndSays) {
    EXPECT_FALSE(process_.isRunning());
    EXPECT_FALSE(say("x")) << "there is nobody";
    start();
    EXPECT_TRUE(process_.isRunning() && process_.isConnected());
    EXPECT_FALSE(process_.takeEnd());
    EXPECT_FALSE(say(""));
    EXPECT_TRUE(say("end"));
    EXPECT_THAT(end(), StrEq("ended with status 7"));
    EXPECT_THAT(heard_, ElementsAre("ready"));
    EXPECT_EQ(closed_, 1);
    EXPECT_FALSE(process_.isRunning());
    EXPECT_TRUE(process_.isConnected()) << "until somebody hangs up";
    EXPECT_FALSE(process_.takeEnd()) << "it is told once";
}

TEST_F(HelperProcessTest, EndsAProcessThatLooksByHangingUp) {
    hangsUp_ = true;
    start();
    EXPECT_THAT(end(), StrEq("ended with status 8"));
    EXPECT_THAT(heard_, ElementsAre("ready"));
    EXPECT_EQ(closed_, 0) << "nothing is heard any more";
    EXPECT_FALSE(process_.isConnected());
    hangsUp_ = false;
    start();
    EXPECT_TRUE(process_.isConnected()) << "another one may follow";
    process_.kill();
    EXPECT_THAT(end(), StrEq("killed by signal 9"));
}

TEST_F(HelperProcessTest, IsThereOnlyIfItCouldBeStarted) {
    const auto fails = [](UniqueFd) -> pid_t {
        throw std::system_error(EAGAIN, std::generic_category(), "fork");
    };
    EXPECT_THROW(process_.start(fails, {[](HelperProcess::Packet) {}}), std::system_error);
    EXPECT_FALSE(process_.isRunning() || process_.isConnected());
    HelperProcess::Handlers handlers{[](HelperProcess::Packet) {}};
    handlers.first = [](int) { throw std::system_error(EPERM, std::generic_category(), "x"); };
    EXPECT_THROW(process_.start(startFake, handlers), std::system_error);
    EXPECT_FALSE(process_.isRunning() || process_.isConnected());
}

TEST_F(HelperProcessTest, GetsItsFirstMessageBeforeItIsStarted) {
    std::string first;
    HelperProcess::Handlers handlers{[](HelperProcess::Packet) {}};
    handlers.first = [](int channel) { (void)::send(channel, "task", 4, 0); };
    process_.start(
        [&](UniqueFd channel) {
            char text[16]{};
            const auto size = ::recv(channel.get(), text, sizeof text, 0);
            first.assign(text, static_cast<std::size_t>(size));
            return startFake(std::move(channel));
        },
        handlers);
    EXPECT_THAT(first, StrEq("task"));
    process_.kill();
    EXPECT_THAT(end(), StrEq("killed by signal 9"));
}

TEST(HelperProcess, IsToldToEndWithItsHolder) {
    boost::asio::io_context loop{1};
    pid_t child = 0;
    {
        HelperProcess process{loop};
        process.start([&](UniqueFd channel) { return child = startFake(std::move(channel)); },
                      {[](HelperProcess::Packet) {}});
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGTERM : WEXITSTATUS(status) == 8);
}

}  // namespace
}  // namespace igd
