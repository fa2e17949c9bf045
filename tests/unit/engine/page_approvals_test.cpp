// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_approvals.h"

#include "fakes.h"

namespace igd {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class PageApprovalsTest : public EngineTest {
protected:
    /// A host asks for a port, and waits.
    void asks(const Host& host, std::uint16_t port) {
        RefusalEvent event{.requester = host, .client = host};
        event.what = "udp " + std::to_string(port);
        event.protocol = Protocol::Udp;
        event.internalPort = Port{port};
        event.error = MappingError::NotApproved;
        approvals_.refused(event, Clock::now() - 90s);
    }
    ApprovalParts parts() {
        return {approvals_, openings_, hosts_, [this] { return mode_; }};
    }
    Overview shown(const Host* only = nullptr) {
        Overview overview;
        showWaiting(overview, parts(), names_, only, Clock::now());
        return overview;
    }
    GatewayReply judge(const IpAddress& host, bool yes) {
        return judgeHost(parts(), {host, yes, kPhone}, Clock::now());
    }

    const Host console_{kConsole, kConsoleMac};
    const Host phone_{kPhone, kPhoneMac};
    ApprovalMode mode_ = ApprovalMode::All;
    Approvals approvals_{[this] { return mode_; }};
    Lans lans_{{kLan}, true};
    HostsOfLans hosts_{lans_, [this](const Lan&, const IpAddress& address) {
                           return address == console_.address ? console_ : phone_;
                       }};
    FakeNeighbours neighbours_;
    HostNames names_{
        loop_, {.automatic = false}, {.neighbours = neighbours_, .lans = lans_, .clients = [] {
                                          return std::vector<IpAddress>{};
                                      }}};
};

TEST_F(PageApprovalsTest, ShowsWhatWaitsTheNewestFirst) {
    asks(console_, 3074);
    asks(phone_, 5000);
    const auto overview = shown();
    EXPECT_TRUE(overview.asksAdministrator);
    ASSERT_THAT(overview.waiting, SizeIs(2));
    EXPECT_EQ(overview.waiting[0].requester, IpAddress{kPhone});
    EXPECT_EQ(overview.waiting[0].what, "udp 5000");
    EXPECT_EQ(overview.waiting[0].ago, 90s);
    ASSERT_THAT(shown(&console_).waiting, SizeIs(1));
    EXPECT_EQ(shown(&console_).waiting[0].what, "udp 3074");
}

TEST_F(PageApprovalsTest, ShowsEightAtMost) {
    for (std::uint16_t port = 3000; port < 3020; ++port) asks(console_, port);
    const auto overview = shown();
    ASSERT_THAT(overview.waiting, SizeIs(kMaxWaiting));
    EXPECT_EQ(overview.waiting[0].what, "udp 3019");
}

TEST_F(PageApprovalsTest, ShowsNothingWhereNobodyIsAsked) {
    asks(console_, 3074);
    mode_ = ApprovalMode::Off;
    EXPECT_FALSE(shown().asksAdministrator);
    EXPECT_THAT(shown().waiting, IsEmpty());
    EXPECT_EQ(judge(kConsole, true), GatewayReply{MappingError::NotFound});
}

TEST_F(PageApprovalsTest, SaysYesAndTakesItBack) {
    asks(console_, 3074);
    EXPECT_EQ(judge(kConsole, true), GatewayReply{Done{}});
    EXPECT_THAT(shown().waiting, IsEmpty());
    EXPECT_EQ(judge(kConsole, false), GatewayReply{Done{}});
    EXPECT_EQ(judge(kConsole, false), GatewayReply{MappingError::NotFound}) << "nothing is left";
    EXPECT_EQ(judge(ipv4("80.1.2.3"), true), GatewayReply{MappingError::NotFound});
}

}  // namespace
}  // namespace igd
