// SPDX-License-Identifier: GPL-2.0-or-later
// Real processes stand for the one that listens: they report what they would have opened, and wait.
#include "metrics_listener.h"

#include "children.h"
#include "fake_interfaces.h"

#include "upnpd/supervisor/front_end_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const InterfaceName kLoopback = *InterfaceName::parse("lo");
const InterfaceName kLan = *InterfaceName::parse("lan0");
const InterfaceName kWan = *InterfaceName::parse("ppp0");
const IpEndpoint kHere{Ipv4Address{0x7f000001}, Port{9912}};
const IpEndpoint kOnLan{Ipv4Address{0xc0a80101}, Port{9912}};
const IpEndpoint kOutside{Ipv4Address{0x50646401}, Port{9912}};

class MetricsListenerTest : public testing::Test {
protected:
    MetricsListenerTest() {
        interfaces_.set(kLoopback, std::nullopt);
        interfaces_.set(kLan, std::get<Ipv4Address>(kOnLan.address));
        interfaces_.set(kWan, std::get<Ipv4Address>(kOutside.address));
        host_.interfaces = {
            {.name = kLoopback, .isLoopback = true, .leads = {}},
            {.name = kLan, .leads = {}, .addresses = {{std::get<Ipv4Address>(kOnLan.address), 24}}},
            {.name = kWan,
             .leads = {},
             .addresses = {{std::get<Ipv4Address>(kOutside.address), 24}}}};
    }
    /// Reads a message of the engine's, asks for metrics, and reports.
    void play(int engine) const {
        std::uint8_t octets[ipc::kMaxMessage];
        ssize_t size = 0;
        while ((size = ::read(engine, octets, sizeof octets)) <= 0) ::usleep(500);
        const auto message = ipc::decodeToFrontEnd({octets, static_cast<std::size_t>(size)});
        const auto setup =
            message ? decodeFrontEndSetup(std::get<ipc::Setup>(*message).settings) : std::nullopt;
        if (!setup || !setup->metrics) ::_exit(4);
        const SocketName socket{true, *setup->metrics};
        const std::string why = taken_ ? "it is taken" : "";
        report(engine, taken_ ? ipc::Sockets{{}, {{socket, why}}} : ipc::Sockets{{socket}, {}});
        if (!setup->trial) {
            report(engine, ipc::Call{1, Clock::now() + 5s, GetMetrics{}});
            report(engine, ipc::Call{2, Clock::now() + 5s, GetStatus{}});
        }
        report(engine, ipc::Started{0, why});
        if (!setup->trial) waitForEver();
    }
    static void report(int engine, const ipc::ToEngine& message) {
        const auto packet = ipc::encode(message);
        if (::write(engine, packet->data(), packet->size()) < 0) ::_exit(3);
    }
    MetricsListener::Parts parts() {
        return {.interfaces = interfaces_,
                .host = [this] { return host_; },
                .piece =
                    [this](const GetMetrics&) {
                        ++asked_;
                        return MetricsText{"up 1\n", 0};
                    },
                .debugMode = [] { return 2; },
                .restarted = [this](const std::string& how) { restarts_.push_back(how); }};
    }
    void runUntil(const std::function<bool()>& condition) {
        igd::runUntil(loop_, condition, [this] { listener_.childEnded(); });
    }
    bool isOpen() { return listener_.state() && listener_.state()->open; }
    /// Tries `fresh` out, and puts it into force when there is no objection. Returns those.
    std::vector<FrontEnds::Objection> reload(std::optional<IpEndpoint> fresh) {
        Configuration next = configuration_;
        next.metricsListen = fresh;
        std::optional<std::vector<FrontEnds::Objection>> objections;
        listener_.tryOut(next, [&](const auto& all) { objections = all; });
        runUntil([&] { return objections.has_value(); });
        if (!objections->empty()) return *objections;
        std::swap(configuration_, next);
        listener_.applied(next);
        return {};
    }
    void listenAt(const IpEndpoint& local) {
        configuration_.metricsListen = local;
        listener_.start();
    }

    boost::asio::io_context loop_;
    FakeInterfaces interfaces_;
    HostFacts host_;
    Configuration configuration_{Settings{}, kWan, {kLan}, {}, "/x.conf"};
    bool taken_ = false;
    int asked_ = 0;
    std::vector<std::string> restarts_;
    std::vector<std::pair<InterfaceName, pid_t>> launched_;
    MetricsListener listener_{
        loop_, configuration_, log::Target::StandardError, parts(),
        [this](Helper, const UniqueFd& channel, const InterfaceName& interface) {
            const pid_t child = forked(channel.get(), [this](int engine) { play(engine); });
            launched_.emplace_back(interface, child);
            return child;
        }};
};

TEST_F(MetricsListenerTest, NobodyListensUnlessSomebodyShall) {
    listener_.start();
    listener_.interfacesChanged();
    EXPECT_FALSE(listener_.state());
    EXPECT_TRUE(launched_.empty());
}

TEST_F(MetricsListenerTest, TheProcessIsOfTheInterfaceThatHasTheAddressAndGetsMetricsAlone) {
    listenAt(kHere);
    runUntil([this] { return isOpen(); });
    runUntil([this] { return asked_ == 1; });
    ASSERT_EQ(launched_.size(), 1U);
    EXPECT_EQ(launched_[0].first, kLoopback);
    EXPECT_EQ(listener_.state()->local, kHere);
    EXPECT_EQ(listener_.state()->problem, "");
}

TEST_F(MetricsListenerTest, TheExternalInterfaceIsLeftAlone) {
    listenAt(kOutside);
    EXPECT_TRUE(launched_.empty());
    EXPECT_FALSE(isOpen());
    EXPECT_THAT(listener_.state()->problem, HasSubstr("external"));
}

TEST_F(MetricsListenerTest, AnAddressIsWaitedForAndFollowed) {
    auto lan = host_.interfaces[1];
    host_.interfaces.erase(host_.interfaces.begin() + 1);
    listenAt(kOnLan);
    EXPECT_FALSE(isOpen());
    host_.interfaces.push_back(lan);
    listener_.interfacesChanged();
    runUntil([this] { return isOpen(); });
    EXPECT_EQ(launched_.back().first, kLan);
    host_.interfaces.pop_back();
    listener_.interfacesChanged();
    runUntil([this] { return !isOpen(); });
}

TEST_F(MetricsListenerTest, AReloadTriesBeforeItChanges) {
    listenAt(kHere);
    runUntil([this] { return isOpen(); });
    EXPECT_TRUE(reload(IpEndpoint{kHere.address, Port{9913}}).empty());
    runUntil([this] { return isOpen() && listener_.state()->local.port == Port{9913}; });
    taken_ = true;
    const auto objections = reload(IpEndpoint{kHere.address, Port{9914}});
    ASSERT_EQ(objections.size(), 1U);
    EXPECT_THAT(objections[0].reason, HasSubstr("it is taken"));
    EXPECT_EQ(listener_.state()->local.port, Port{9913});
    taken_ = false;
    EXPECT_TRUE(reload(std::nullopt).empty());
    EXPECT_FALSE(listener_.state());
}

TEST_F(MetricsListenerTest, AProcessThatEndsIsStartedAgain) {
    listenAt(kHere);
    runUntil([this] { return isOpen(); });
    ::kill(launched_[0].second, SIGKILL);
    runUntil([this] { return launched_.size() == 2 && isOpen(); });
    ASSERT_EQ(restarts_.size(), 1U);
    EXPECT_THAT(restarts_[0], HasSubstr("the metrics process of lo"));
}

TEST_F(MetricsListenerTest, APortThatIsTakenIsAProblem) {
    taken_ = true;
    listenAt(kHere);
    runUntil([this] { return listener_.state()->problem == "it is taken"; });
    EXPECT_FALSE(isOpen());
}

}  // namespace
}  // namespace igd
