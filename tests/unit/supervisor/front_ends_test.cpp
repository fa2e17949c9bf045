// SPDX-License-Identifier: GPL-2.0-or-later
// Real processes stand for the front ends: they report as they are told to, and wait for a signal.
// Others stand for the advertisers.
#include "upnpd/supervisor/front_ends.h"

#include "children.h"
#include "fake_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
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
    enum class Does : std::uint8_t { Report, Fail, Die, Hang };

    FrontEndsTest() {
        interfaces_.set(kLan0, kFirst);
        interfaces_.set(kLan1, kSecond);
    }
    static void report(int engine, const ipc::ToEngine& message) {
        const auto packet = ipc::encode(message);
        if (::write(engine, packet->data(), packet->size()) < 0) ::_exit(3);
    }
    /// Answers pings until a signal comes.
    [[noreturn]] static void serve(int engine) {
        for (std::uint8_t octets[4096];; ::usleep(500)) {
            const ssize_t size = ::read(engine, octets, sizeof octets);
            if (size <= 0) continue;
            const auto message = ipc::decodeToFrontEnd({octets, static_cast<std::size_t>(size)});
            if (message && std::holds_alternative<ipc::Ping>(*message)) report(engine, ipc::Pong{});
        }
    }
    pid_t launch(Helper helper, const UniqueFd& channel, const InterfaceName& interface) {
        if (helper == Helper::Advertiser)
            return forked(channel.get(), [error = advertisingError_](int engine) {
                report(engine, ipc::Started{0, error});
                waitForEnd(engine);
            });
        const pid_t child = forked(channel.get(), [does = does_](int engine) {
            if (does == Does::Die) ::_exit(2);
            report(engine, ipc::Started{49152, does == Does::Fail ? "no room" : ""});
            if (does == Does::Hang) waitForEver();
            serve(engine);
        });
        launched_.emplace_back(interface, child);
        return child;
    }
    /// Runs the loop, with SIGCHLD again and again, until `condition` holds.
    void runUntil(const std::function<bool()>& condition) {
        igd::runUntil(loop_, condition, [this] { frontEnds_.childEnded(); });
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

    struct Advertised {
        std::size_t addresses;
        Port httpPort;
        std::uint32_t bootId;
        bool byebye;
    };

    boost::asio::io_context loop_;
    FakeInterfaces interfaces_;
    Does does_ = Does::Report;
    std::vector<std::pair<InterfaceName, pid_t>> launched_;
    std::string advertisingError_;
    std::vector<std::string> reports_;    ///< from allStarted
    std::vector<std::uint32_t> bootIds_;  ///< in the setups of front ends
    std::vector<Advertised> advertised_;  ///< in the setups of advertisers
    FrontEnds frontEnds_{
        loop_,
        interfaces_,
        {.carryOut = [](const ipc::Call&, const Lan&, const FrontEndHandlers::Answered&) {},
         .setup =
             [this](const Lan& lan, std::uint32_t bootId) {
                 bootIds_.push_back(bootId);
                 return lan.interface.text();
             },
         .advertisement =
             [this](const Lan& lan, Port port, std::uint32_t bootId, bool byebye) {
                 advertised_.push_back({lan.addresses.size(), port, bootId, byebye});
                 return std::string{"setup"};
             },
         .allStarted = [this](const std::string& error) { reports_.push_back(error); }},
        [this](Helper helper, const UniqueFd& channel, const InterfaceName& interface) {
            return launch(helper, channel, interface);
        },
        {.heartbeat = {.interval = 60ms, .patience = 60ms}, .advertiser = {}}};
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

TEST_F(FrontEndsTest, AdvertiseAfterTheStartAndWhenAddressesComeOrGo) {
    frontEnds_.start({kLan0});
    runUntil([this] { return advertised_.size() == 1; });
    EXPECT_TRUE(advertised_[0].byebye);
    EXPECT_EQ(advertised_[0].httpPort, Port{49152});
    EXPECT_EQ(advertised_[0].bootId, bootIds_[0]);

    interfaces_.of(kLan0).addresses.push_back({kSecond, 24});
    frontEnds_.interfacesChanged();
    runUntil([this] { return advertised_.size() == 2; });
    EXPECT_EQ(advertised_[1].addresses, 2U);
    EXPECT_FALSE(advertised_[1].byebye) << "control points know it by the first address";
    EXPECT_GT(advertised_[1].bootId, bootIds_[0]);
    frontEnds_.interfacesChanged();
    EXPECT_THAT(advertised_, SizeIs(2)) << "nothing has changed";
}

TEST_F(FrontEndsTest, ServeALanThatCannotBeAdvertised) {
    advertisingError_ = "no multicast";
    frontEnds_.start({kLan0});
    runUntil([this] { return advertised_.size() == 2; });
    EXPECT_THAT(reports_, ElementsAre(""));
    EXPECT_TRUE(answers(1));
}

TEST_F(FrontEndsTest, ReplaceOneThatHangs) {
    does_ = Does::Hang;
    frontEnds_.start({kLan0});
    runUntil([this] { return answers(1); });
    does_ = Does::Report;
    runUntil([this] { return launched_.size() == 2 && answers(1); });
    EXPECT_FALSE(isThere(launched_.front().second));
    EXPECT_GT(bootIds_[1], bootIds_[0]) << "its subscriptions are lost";
    loop_.restart();
    loop_.run_for(200ms);
    frontEnds_.childEnded();
    EXPECT_THAT(launched_, SizeIs(2)) << "this one answers";
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
