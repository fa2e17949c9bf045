// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_reporter.h"

#include "fake_interfaces.h"
#include "fakes.h"
#include "temporary_folder.h"

#include "upnpd/util/unique_fd.h"

#include <array>
#include <cstdlib>

#include <sys/socket.h>
#include <sys/un.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kWan = *InterfaceName::parse("ppp0");

/// The other end: the service manager's socket, named in the environment as that does.
class Listener {
public:
    Listener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const std::string path = folder_ / "notify";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(
            ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    /// Returns what came since the last call.
    std::vector<std::string> heard() {
        std::vector<std::string> datagrams;
        std::array<char, 512> buffer{};
        for (;;) {
            const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
            if (size < 0) return datagrams;
            datagrams.emplace_back(buffer.data(), static_cast<std::size_t>(size));
        }
    }

private:
    TemporaryFolder folder_;
    UniqueFd socket_;
};

class StatusReporterTest : public EngineTest {
protected:
    StatusReporterTest() {
        interfaces_.set(kWan, kExternal);
        external_.refresh(Clock::now());
    }
    void has(const std::vector<Opening>& openings) {
        ASSERT_TRUE(openings_.restore(openings, Clock::now()));
    }

    Listener listener_;
    ServiceManager manager_;
    FakeInterfaces interfaces_;
    ExternalConnection external_{loop_, Wan{interfaces_, kWan, {}, {}}, [] {}};
    std::vector<InterfaceName> awaited_;
    std::vector<GatewayStatus> broadcasts_;
    bool firewallEnabled_ = false;
    StatusReporter reporter_{
        loop_,
        manager_,
        {.openings = openings_,
         .external = external_,
         .ipv6FirewallEnabled = [this] { return firewallEnabled_; },
         .awaited = [this] { return awaited_; },
         .broadcast = [this](const GatewayStatus& status) { broadcasts_.push_back(status); }}};
};

TEST_F(StatusReporterTest, TellsHowTheGatewayIs) {
    has({mappingOf(kConsole, 3000), mappingOf(kConsole, 3001),
         openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    const GatewayStatus status = reporter_.status();
    EXPECT_TRUE(status.connected());
    EXPECT_EQ(status.externalAddress, kExternal);
    EXPECT_EQ(status.mappingCount, 2U) << "pinholes are no mappings";
    EXPECT_EQ(status.systemUpdateId, openings_.updateId());
    EXPECT_EQ(status.epochStart, external_.epochStart());
    EXPECT_FALSE(status.firewallEnabled);
    EXPECT_TRUE(status.inboundPinholeAllowed);
}

TEST_F(StatusReporterTest, ALaterStatusHasAGreaterSerial) {
    std::uint64_t last = reporter_.status().serial;
    EXPECT_GT(last, 0U);
    for (int i = 0; i < 3; ++i) {
        const std::uint64_t serial = reporter_.status().serial;
        EXPECT_GT(serial, std::exchange(last, serial));
    }
    reporter_.changed();
    runUntil([this] { return !broadcasts_.empty(); });
    EXPECT_GT(broadcasts_.front().serial, last);
}

TEST_F(StatusReporterTest, WhatChangesWithinAMomentIsOneBroadcast) {
    for (int i = 0; i < 100; ++i) reporter_.changed();
    has({mappingOf(kConsole, 3000)});
    reporter_.changed();
    EXPECT_THAT(broadcasts_, IsEmpty());
    runUntil([this] { return !broadcasts_.empty(); });
    EXPECT_TRUE(isIdle()) << "there is no other";
    EXPECT_EQ(broadcasts_.front().mappingCount, 1U) << "as it is by then";
    firewallEnabled_ = true;
    reporter_.changed();
    runUntil([this] { return broadcasts_.size() == 2; });
}

TEST_F(StatusReporterTest, AChangeIsToldAtOnceWhereAnAnswerFollows) {
    has({mappingOf(kConsole, 3000)});
    reporter_.changed();
    reporter_.tellNow();
    ASSERT_EQ(broadcasts_.size(), 1U);
    EXPECT_EQ(broadcasts_.front().mappingCount, 1U);
    EXPECT_TRUE(isIdle()) << "there is no other";
    reporter_.tellNow();
    EXPECT_EQ(broadcasts_.size(), 1U) << "nothing has changed";
}

TEST_F(StatusReporterTest, WhatClientsAreNotToldOfIsNoNews) {
    reporter_.changed();
    reporter_.tellNow();
    reporter_.changed();  // a lease was renewed
    reporter_.tellNow();
    EXPECT_EQ(broadcasts_.size(), 1U);
}

TEST_F(StatusReporterTest, AFrontEndThatStartedMeanwhileHearsOfWhatIsAsItWasBefore) {
    reporter_.changed();
    reporter_.tellNow();
    firewallEnabled_ = true;
    EXPECT_TRUE(reporter_.status().firewallEnabled);  // its setup
    firewallEnabled_ = false;
    reporter_.changed();
    reporter_.tellNow();
    EXPECT_EQ(broadcasts_.size(), 2U);
}

TEST_F(StatusReporterTest, CountsAreOnlyInAStatusThatIsAskedFor) {
    interfaces_.counted = {
        .bytesSent = 1, .bytesReceived = 2, .packetsSent = 3, .packetsReceived = 4};
    EXPECT_EQ(reporter_.status().bytesSent, 0U);
    EXPECT_EQ(reporter_.countedStatus().bytesSent, 1U);
}

TEST_F(StatusReporterTest, ChangesThatDoNotEndPutNoBroadcastOff) {
    reporter_.changed();
    runFor(30ms);
    reporter_.changed();
    runFor(30ms);
    EXPECT_EQ(broadcasts_.size(), 1U);
}

TEST_F(StatusReporterTest, NothingIsToldAfterStop) {
    reporter_.changed();
    reporter_.stop();
    reporter_.changed();
    runFor(120ms);
    EXPECT_THAT(broadcasts_, IsEmpty());
    EXPECT_TRUE(isIdle());
}

TEST_F(StatusReporterTest, ABroadcastThatIsDueIsNotMadeAfterStop) {
    boost::asio::steady_timer first{loop_, 1ms};
    first.async_wait([this](boost::system::error_code) { reporter_.stop(); });
    reporter_.changed();
    pass(60ms);  // both are due in one turn
    poll();
    EXPECT_THAT(broadcasts_, IsEmpty());
}

TEST_F(StatusReporterTest, TheServiceManagerIsToldInOneLine) {
    has({mappingOf(kConsole, 3000)});
    awaited_ = {*InterfaceName::parse("vlan20"), *InterfaceName::parse("vlan30")};
    reporter_.start();
    poll();
    EXPECT_THAT(listener_.heard(),
                ElementsAre("STATUS=1 mapping; external ppp0 80.100.100.1 (public); waiting for "
                            "vlan20, vlan30"));
}

TEST_F(StatusReporterTest, TheLineCountsAndWaitsForNobody) {
    reporter_.start();
    poll();
    EXPECT_THAT(listener_.heard(),
                ElementsAre("STATUS=0 mappings; external ppp0 80.100.100.1 (public)"));
    reporter_.stop();
    reporter_.changed();
    poll();
    EXPECT_THAT(listener_.heard(), IsEmpty());
}

}  // namespace
}  // namespace igd
