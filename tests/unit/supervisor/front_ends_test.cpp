// SPDX-License-Identifier: GPL-2.0-or-later
// Real processes stand for the front ends: they report as they are told to, and wait for a signal.
#include "upnpd/supervisor/front_ends.h"

#include "fake_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const InterfaceName kLan0 = *InterfaceName::parse("lan0");
const InterfaceName kLan1 = *InterfaceName::parse("lan1");
const Ipv4Address kFirst{0xc0a80101};
const Ipv4Address kSecond{0xc0a80201};

class FrontEndsTest : public testing::Test {
protected:
    enum class Does : std::uint8_t { Report, Fail, Die, Nothing };

    FrontEndsTest() {
        interfaces_.set(kLan0, kFirst);
        interfaces_.set(kLan1, kSecond);
    }
    pid_t launch(const UniqueFd& channel, const InterfaceName& interface) {
        const auto report =
            ipc::encode(ipc::ToEngine{ipc::Started{49152, does_ == Does::Fail ? "no room" : ""}});
        const pid_t child = ::fork();
        if (child == 0) {
            const bool reports = does_ == Does::Report || does_ == Does::Fail;
            if (reports && ::write(channel.get(), report->data(), report->size()) < 0) ::_exit(3);
            if (does_ == Does::Die) ::_exit(2);
            for (;;) ::pause();
        }
        launched_.emplace_back(interface, child);
        return child;
    }
    /// Runs the loop, with SIGCHLD again and again, until `condition` holds.
    void runUntil(const std::function<bool()>& condition) {
        const TimePoint end = Clock::now() + 10s;
        while (!condition()) {
            if (Clock::now() > end) throw std::runtime_error{"it never happens"};
            loop_.restart();
            loop_.run_for(2ms);
            frontEnds_.childEnded();
        }
    }
    bool answers(std::size_t count) const {
        const auto served = frontEnds_.served();
        return static_cast<std::size_t>(
                   std::ranges::count_if(served, &FrontEnds::Served::answers)) == count;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [interface, child] : launched_) names.push_back(interface.text());
        return names;
    }
    static bool isThere(pid_t child) { return ::kill(child, 0) == 0; }

    boost::asio::io_context loop_;
    FakeInterfaces interfaces_;
    Does does_ = Does::Report;
    std::vector<std::pair<InterfaceName, pid_t>> launched_;
    std::vector<std::string> reports_;  ///< from allStarted
    FrontEnds frontEnds_{
        loop_,
        interfaces_,
        {.carryOut = [](const ipc::Call&, const Lan&, const FrontEndHandlers::Answered&) {},
         .setup = [](const Lan& lan) { return lan.interface.text(); },
         .allStarted = [this](const std::string& error) { reports_.push_back(error); }},
        [this](const UniqueFd& channel, const InterfaceName& interface) {
            return launch(channel, interface);
        }};
};

TEST_F(FrontEndsTest, StartOneForEachInterfaceThatHasAnAddress) {
    interfaces_.set(kLan1, std::nullopt);
    frontEnds_.start({kLan0, kLan1});
    runUntil([this] { return answers(1); });
    EXPECT_THAT(names(), ElementsAre("lan0"));
    EXPECT_THAT(reports_, ElementsAre(""));
    EXPECT_EQ(frontEnds_.describe(), "lan0 192.168.1.1/24, lan1 (waiting for its address)");
    EXPECT_TRUE(frontEnds_.listensOn(Port{49152}));

    interfaces_.set(kLan1, kSecond);
    frontEnds_.interfacesChanged();
    runUntil([this] { return answers(2); });
    EXPECT_THAT(names(), ElementsAre("lan0", "lan1"));
    EXPECT_THAT(reports_, SizeIs(1)) << "once";
}

TEST_F(FrontEndsTest, SayWhyAStartFailed) {
    does_ = Does::Fail;
    frontEnds_.start({kLan0});
    runUntil([this] { return !reports_.empty(); });
    EXPECT_THAT(reports_, ElementsAre("no room"));
    EXPECT_TRUE(answers(0));
}

TEST_F(FrontEndsTest, SayThatOneEndedWhileItWasStarting) {
    does_ = Does::Die;
    frontEnds_.start({kLan0});
    runUntil([this] { return !reports_.empty(); });
    EXPECT_THAT(reports_, ElementsAre("a front end ended while it was starting"));
}

TEST_F(FrontEndsTest, WaitLongerAfterEachFailure) {
    does_ = Does::Die;
    std::vector<TimePoint> times;
    frontEnds_.start({kLan0});
    runUntil([&] {
        if (launched_.size() > times.size()) times.push_back(Clock::now());
        return times.size() == 4;
    });
    for (std::size_t i = 1; i < times.size(); ++i)
        EXPECT_GE(times[i] - times[i - 1], 100ms * (1U << i) - 10ms) << i;
}

TEST_F(FrontEndsTest, ReplaceOneWhoseFirstAddressHasGone) {
    frontEnds_.start({kLan0});
    runUntil([this] { return answers(1); });
    interfaces_.of(kLan0).addresses.push_back({kSecond, 24});
    frontEnds_.interfacesChanged();
    EXPECT_THAT(frontEnds_.served().front().addresses, SizeIs(2));
    EXPECT_THAT(names(), SizeIs(1)) << "a further address may come and go";

    interfaces_.set(kLan0, kSecond);
    frontEnds_.interfacesChanged();
    runUntil([this] { return launched_.size() == 2 && answers(1); });
    EXPECT_FALSE(isThere(launched_.front().second));
    EXPECT_THAT(frontEnds_.served().front().addresses, ElementsAre(Ipv4Prefix{kSecond, 24}));
}

TEST_F(FrontEndsTest, EndThoseThatAreServedNoMore) {
    frontEnds_.start({kLan0, kLan1});
    runUntil([this] { return answers(2); });
    frontEnds_.serve({kLan1});
    runUntil([this] { return frontEnds_.served().size() == 1; });
    EXPECT_FALSE(isThere(launched_.front().second));
    EXPECT_EQ(frontEnds_.served().front().interface, kLan1);
    EXPECT_THAT(names(), SizeIs(2));
}

TEST_F(FrontEndsTest, StopWhenTheLastHasEndedAndStartNoneAgain) {
    frontEnds_.start({kLan0, kLan1});
    runUntil([this] { return answers(2); });
    int done = 0;
    frontEnds_.stop([&] { ++done; });
    EXPECT_EQ(done, 0) << "both are there still";
    runUntil([&] { return done != 0; });
    for (const auto& [interface, child] : launched_) EXPECT_FALSE(isThere(child));
    frontEnds_.interfacesChanged();
    EXPECT_THAT(names(), SizeIs(2));
    EXPECT_EQ(done, 1);
}

TEST_F(FrontEndsTest, StopAtOnceWhenNoneIsThere) {
    int done = 0;
    frontEnds_.start({});
    frontEnds_.stop([&] { ++done; });
    EXPECT_EQ(done, 1);
    EXPECT_THAT(launched_, IsEmpty());
}

}  // namespace
}  // namespace igd
