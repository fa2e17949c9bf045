// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_approvals.h"

#include "fakes.h"

namespace igd {
namespace {

class AdminApprovalsTest : public EngineTest {
protected:
    void waits() {
        const Host host{kConsole, kConsoleMac};
        RefusalEvent event{.requester = host, .client = host};
        event.what = "udp 3074 -> 192.168.1.10:3074";
        event.protocol = Protocol::Udp;
        event.internalPort = Port{3074};
        event.error = MappingError::NotApproved;
        approvals_.refused(event, Clock::now() - 90s);
    }
    ApprovalParts parts() {
        return {approvals_, openings_, hosts_, [this] { return mode_; }};
    }

    ApprovalMode mode_ = ApprovalMode::NewHosts;
    Approvals approvals_{[this] { return mode_; }};
    Lans lans_{{kLan}, true};
    HostsOfLans hosts_{lans_, [](const Lan&, const IpAddress& address) {
                           return Host{address, kConsoleMac};
                       }};
};

TEST_F(AdminApprovalsTest, AHostIsNamedByItsCardOrByAnAddressHere) {
    EXPECT_EQ(hostNamed(hosts_, "02:00:00:00:00:01"), HostKey{kConsoleMac});
    EXPECT_EQ(hostNamed(hosts_, "192.168.1.10"), HostKey{kConsoleMac});
    for (const char* const text : {"80.1.2.3", "nas", ""}) EXPECT_FALSE(hostNamed(hosts_, text));
}

TEST_F(AdminApprovalsTest, AYesTellsHowMuchWaited) {
    waits();
    EXPECT_EQ(approve(parts(), kConsoleMac, true, Clock::now())->at("approved"), 1);
    EXPECT_EQ(approve(parts(), kConsoleMac, true, Clock::now())->at("approved"), 0);
}

TEST_F(AdminApprovalsTest, ANoEndsWhatTheHostHasOpen) {
    Opening mapping = mappingOf(kConsole, 3074);
    mapping.account = kConsoleMac;
    ASSERT_TRUE(openings_.restore(std::vector{mapping, mappingOf(kPhone, 3075)}, Clock::now()));
    approvals_.approve(kConsoleMac, Clock::now());
    EXPECT_EQ(approve(parts(), kConsoleMac, false, Clock::now())->at("ended"), 1);
    EXPECT_EQ(openings_.lists().size(), 1U);
    EXPECT_FALSE(approve(parts(), kConsoleMac, false, Clock::now())) << "nothing is left";
}

TEST_F(AdminApprovalsTest, WithoutApprovalThereIsNothingToSay) {
    mode_ = ApprovalMode::Off;
    EXPECT_EQ(approve(parts(), kConsoleMac, true, Clock::now()).error(),
              "nothing waits for a yes: approve = off");
}

TEST_F(AdminApprovalsTest, TheListHasBothSides) {
    approvals_.approve(kPhoneMac, Clock::now());
    waits();
    const auto json = approvalsJson(parts(), Clock::now());
    EXPECT_EQ(json["mode"], "new-hosts");
    ASSERT_EQ(json["waiting"].size(), 1U);
    EXPECT_EQ(json["waiting"][0]["host"], "02:00:00:00:00:01");
    EXPECT_EQ(json["waiting"][0]["address"], "192.168.1.10");
    EXPECT_EQ(json["waiting"][0]["ago"], 90);
    ASSERT_EQ(json["hosts"].size(), 1U);
    EXPECT_EQ(json["hosts"][0]["host"], "02:00:00:00:00:02");
    EXPECT_TRUE(json["hosts"][0]["protocol"].is_null());
}

}  // namespace
}  // namespace igd
