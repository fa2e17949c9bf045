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
const Ipv6Prefix kLinkLocal{*parseIpv6Address("fe80::1"), 64};
const Ipv6Prefix kGlobal{*parseIpv6Address("2001:db8::1"), 64};

class FrontEndsTest : public testing::Test {
protected:
    enum class Does : std::uint8_t { Report, Fail, Die, Hang, Try };

    FrontEndsTest() {
        interfaces_.set(kLan0, kFirst);
        interfaces_.set(kLan1, kSecond);
    }
    static void report(int engine, const ipc::ToEngine& message) {
        const auto packet = ipc::encode(message);
        if (::write(engine, packet->data(), packet->size()) < 0) ::_exit(3);
    }
    /// A process that ends with something unread would lose what it has sent.
    static void waitForSetup(int engine) {
        for (std::uint8_t octets[4096]; ::read(engine, octets, sizeof octets) <= 0;) ::usleep(500);
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
        const pid_t child = forked(channel.get(), [does = does_, sockets = sockets_,
                                                   subscribers = subscribers_](int engine) {
            if (does == Does::Die) ::_exit(2);
            if (does == Does::Try) waitForSetup(engine);
            report(engine, sockets);
            if (subscribers != 0) report(engine, ipc::Subscribers{subscribers});
            report(engine, ipc::Started{49152, does == Does::Fail ? "no room" : ""});
            if (does == Does::Hang) waitForEver();
            if (does == Does::Try) ::_exit(0);
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
    /// Returns why settings could not be had on `internal`.
    std::vector<std::string> tryOut(const std::vector<InterfaceName>& internal) {
        std::optional<std::vector<std::string>> reasons;
        const auto setup = [](const Lan& lan) { return lan.interface.text(); };
        frontEnds_.tryOut(internal, setup, [&](const auto& objections) {
            reasons.emplace();
            for (const auto& each : objections) reasons->push_back(each.reason);
        });
        EXPECT_FALSE(reasons) << "not at once";
        runUntil([&] { return reasons.has_value(); });
        return *reasons;
    }

    Does does_ = Does::Report;
    ipc::Sockets sockets_;  ///< that each front end has
    std::uint32_t subscribers_ = 0;
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

TEST_F(FrontEndsTest, KnowHowManySubscribersOneHas) {
    subscribers_ = 5;
    frontEnds_.start({kLan0});
    runUntil([this] { return frontEnds_.served().front().subscribers == 5; });
    ::kill(launched_.front().second, SIGKILL);
    subscribers_ = 0;
    runUntil([this] { return launched_.size() == 2 && answers(1); });
    EXPECT_EQ(frontEnds_.served().front().subscribers, 0U) << "they were the other process'";
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

TEST_F(FrontEndsTest, KeepOneWhoseAddressesComeAndGo) {
    frontEnds_.start({kLan0});
    runUntil([this] { return answers(1); });
    interfaces_.of(kLan0).addresses.push_back({kSecond, 24});
    frontEnds_.interfacesChanged();
    EXPECT_THAT(frontEnds_.served().front().addresses, SizeIs(2));
    interfaces_.set(kLan0, kSecond);
    frontEnds_.interfacesChanged();
    EXPECT_THAT(frontEnds_.served().front().addresses, ElementsAre(Ipv4Prefix{kSecond, 24}));
    interfaces_.set(kLan0, std::nullopt);
    interfaces_.of(kLan0).addresses6 = {kLinkLocal, kGlobal};
    frontEnds_.interfacesChanged();
    EXPECT_TRUE(frontEnds_.served().front().isSixAlone());
    EXPECT_EQ(frontEnds_.describe(), "lan0 2001:db8::1/64");
    EXPECT_THAT(names(), SizeIs(1));
    EXPECT_TRUE(answers(1));
}

TEST_F(FrontEndsTest, ReplaceOneWhoseInterfaceWasMadeAnew) {
    frontEnds_.start({kLan0});
    runUntil([this] { return answers(1); });
    interfaces_.of(kLan0).index = 7;
    frontEnds_.interfacesChanged();
    runUntil([this] { return launched_.size() == 2 && answers(1); });
    EXPECT_FALSE(isThere(launched_.front().second));
}

TEST_F(FrontEndsTest, StartOneForAnInterfaceThatHasIpv6Alone) {
    interfaces_.set(kLan0, std::nullopt);
    interfaces_.of(kLan0).addresses6 = {kLinkLocal};
    frontEnds_.start({kLan0});
    EXPECT_EQ(frontEnds_.describe(), "lan0 (waiting for its address)")
        << "nobody there could have a pinhole";
    interfaces_.of(kLan0).addresses6 = {kLinkLocal, kGlobal};
    frontEnds_.interfacesChanged();
    runUntil([this] { return advertised_.size() == 1; });
    EXPECT_EQ(advertised_[0].addresses, 0U);
    EXPECT_THAT(frontEnds_.served().front().addresses6, ElementsAre(kGlobal));

    interfaces_.of(kLan0).addresses.push_back({kFirst, 24});
    frontEnds_.interfacesChanged();
    runUntil([this] { return advertised_.size() == 2; });
    EXPECT_EQ(advertised_[1].addresses, 1U);
    EXPECT_FALSE(advertised_[1].byebye);
    EXPECT_THAT(names(), SizeIs(1));
    interfaces_.of(kLan0).addresses.clear();
    frontEnds_.interfacesChanged();
    runUntil([this] { return advertised_.size() == 3; });
    EXPECT_TRUE(advertised_[2].byebye) << "control points know it by an address that has gone";
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

TEST_F(FrontEndsTest, BeginAfterWhatAnotherRouterHasAnnounced) {
    constexpr std::uint32_t kAnnounced = 0x7ffffff0;
    frontEnds_.bootIdsAfter(kAnnounced);
    frontEnds_.start({kLan0});
    runUntil([this] { return bootIds_.size() == 1; });
    EXPECT_GT(bootIds_.front(), kAnnounced);
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

const SocketProblem kTaken{{true, {kFirst, Port{5000}}}, "port 5000 is taken"};

TEST_F(FrontEndsTest, TryNewSettingsBesideTheOldOnes) {
    frontEnds_.start({kLan0});
    runUntil([this] { return answers(1); });
    const pid_t serving = launched_.front().second;
    does_ = Does::Try;
    EXPECT_THAT(tryOut({kLan0, kLan1, *InterfaceName::parse("absent0")}), IsEmpty());
    EXPECT_THAT(names(), ElementsAre("lan0", "lan0", "lan1"));
    sockets_.problems = {kTaken};
    EXPECT_THAT(tryOut({kLan0}), ElementsAre("lan0: port 5000 is taken"));
    does_ = Does::Die;
    EXPECT_THAT(tryOut({kLan0}), ElementsAre("lan0: its front end ended before it was ready"));
    EXPECT_THAT(tryOut({}), IsEmpty());
    EXPECT_TRUE(isThere(serving) && answers(1));
    EXPECT_THAT(frontEnds_.served(), SizeIs(1));
}

TEST_F(FrontEndsTest, MissNoneThatIsServedNoMore) {
    frontEnds_.start({kLan0, kLan1});
    runUntil([this] { return answers(2); });
    std::vector<std::size_t> served;
    frontEnds_.serve({kLan1});
    frontEnds_.whenQuiet([&] { served.push_back(frontEnds_.served().size()); });
    runUntil([&] { return !served.empty(); });
    EXPECT_THAT(served, ElementsAre(1U));
}

TEST_F(FrontEndsTest, SayWhenNoneBeginsOrEnds) {
    int told = 0;
    frontEnds_.start({kLan0});
    frontEnds_.whenQuiet([&] { ++told; });
    EXPECT_FALSE(answers(1));
    runUntil([&] { return told != 0; });
    EXPECT_TRUE(answers(1));
    frontEnds_.replaceAll();
    frontEnds_.whenQuiet([&] { ++told; });
    runUntil([&] { return told == 2; });
    EXPECT_THAT(launched_, SizeIs(2));
    EXPECT_TRUE(answers(1)) << "the new one";
    EXPECT_FALSE(isThere(launched_.front().second));
    does_ = Does::Die;
    frontEnds_.replaceAll();
    frontEnds_.whenQuiet([&] { ++told; });
    runUntil([&] { return told == 3; });
    EXPECT_FALSE(answers(1));
    EXPECT_EQ(frontEnds_.served().front().waits,
              "its front end begins again: it ended with status 2");
}

TEST_F(FrontEndsTest, FindNoFaultWithSocketsThatTheyHaveOrLackAlready) {
    sockets_ = {{{false, {kFirst, Port{5351}}}}, {kTaken}};
    frontEnds_.start({kLan0});
    runUntil([this] { return answers(1); });
    EXPECT_EQ(frontEnds_.describe(), "lan0 192.168.1.1/24 (without TCP port 5000 of 192.168.1.1)");
    EXPECT_THAT(frontEnds_.served().front().open, SizeIs(1));
    does_ = Does::Try;
    sockets_.problems.push_back({sockets_.open.front(), "of the one that serves"});
    EXPECT_THAT(tryOut({kLan0}), IsEmpty());
}

TEST_F(FrontEndsTest, SayWhyAnInterfaceWaits) {
    const InterfaceName absent = *InterfaceName::parse("absent0");
    interfaces_.set(kLan1, std::nullopt);
    does_ = Does::Fail;
    frontEnds_.start({kLan0, kLan1, absent});
    runUntil([this] { return !reports_.empty(); });
    const auto served = frontEnds_.served();
    EXPECT_EQ(served[0].waits, "no room");
    EXPECT_EQ(served[1].waits, "waiting for its address");
    EXPECT_EQ(served[2].waits, "no such interface yet");
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
