// SPDX-License-Identifier: GPL-2.0-or-later
#include "approvals.h"

#include "fakes.h"
#include "temporary_folder.h"

#include <fstream>
#include <sstream>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Host kHost{kConsole, kConsoleMac};

class ApprovalsTest : public testing::Test {
protected:
    [[nodiscard]] static Asked asked(std::uint16_t port = 3074, const Host& client = kHost,
                                     std::uint16_t count = 1) {
        return {.kind = OpeningKind::Mapping,
                .origin = Origin::Igd,
                .protocol = Protocol::Udp,
                .internalPort = Port{port},
                .portCount = count,
                .requester = client,
                .client = client,
                .lan = kLan};
    }
    void waits(std::uint16_t port = 3074, const Host& client = kHost, TimePoint at = t0_) {
        approvals_.refused({.via = Origin::Igd,
                            .requester = client,
                            .client = client,
                            .what = "udp " + std::to_string(port),
                            .port = Port{port},
                            .protocol = Protocol::Udp,
                            .internalPort = Port{port},
                            .error = MappingError::NotApproved},
                           at);
    }
    [[nodiscard]] bool admits(const Asked& asked) const { return !approvals_.refuses(asked); }
    [[nodiscard]] static std::string textOf(const std::filesystem::path& file) {
        std::ostringstream text;
        text << std::ifstream{file}.rdbuf();
        return text.str();
    }

    inline static const TimePoint t0_ = TimePoint{} + 1h;
    TemporaryFolder folder_;
    const std::filesystem::path file_ = folder_ / "leases.approved";
    ApprovalMode mode_ = ApprovalMode::NewHosts;
    Approvals approvals_{[this] { return mode_; }};
};

TEST_F(ApprovalsTest, OffHoldsNothing) {
    mode_ = ApprovalMode::Off;
    EXPECT_TRUE(admits(asked()));
}

TEST_F(ApprovalsTest, ANewHostWaitsUntilAYes) {
    const auto refusal = approvals_.refuses(asked());
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->error, MappingError::NotApproved);
    EXPECT_EQ(refusal->reason, "it waits for `upnpctl approve 192.168.1.10`");
    waits();
    waits(3075);
    EXPECT_EQ(approvals_.approve(kConsoleMac, t0_), 2U);
    EXPECT_TRUE(admits(asked()));
    EXPECT_TRUE(admits(asked(9))) << "a host, whatever it asks for";
    EXPECT_THAT(approvals_.waiting(t0_), IsEmpty());
}

TEST_F(ApprovalsTest, AYesIsForAHostWhateverItsAddress) {
    approvals_.approve(kConsoleMac, t0_);
    EXPECT_TRUE(admits(asked(3074, Host{kConsole6, kConsoleMac})));
    EXPECT_FALSE(admits(asked(3074, Host{kConsole, kPhoneMac}))) << "another card there";
}

TEST_F(ApprovalsTest, AllAsksForEachPort) {
    mode_ = ApprovalMode::All;
    waits();
    EXPECT_EQ(approvals_.approve(kConsoleMac, t0_), 1U);
    EXPECT_TRUE(admits(asked()));
    EXPECT_FALSE(admits(asked(3075)));
    EXPECT_TRUE(admits(asked(3072, kHost, 4))) << "a set of ports that has it";
}

TEST_F(ApprovalsTest, WhatIsAskedAgainIsOne) {
    waits();
    waits(3075);
    waits();
    ASSERT_THAT(approvals_.waiting(t0_), SizeIs(2));
    EXPECT_EQ(approvals_.waiting(t0_).back().count, 2U);
    EXPECT_THAT(approvals_.waiting(t0_ + 61min), IsEmpty());
}

TEST_F(ApprovalsTest, WhoAsksForMuchHasABound) {
    for (std::uint16_t port = 1; port <= 200; ++port) waits(port);
    EXPECT_THAT(approvals_.waiting(t0_), SizeIs(Approvals::kMostWaiting));
}

TEST_F(ApprovalsTest, OtherRefusalsDoNotWait) {
    RefusalEvent conflict{.requester = kHost, .client = kHost};
    conflict.protocol = Protocol::Udp;
    conflict.error = MappingError::Conflict;
    approvals_.refused(conflict, t0_);
    EXPECT_THAT(approvals_.waiting(t0_), IsEmpty());
}

TEST_F(ApprovalsTest, AYesOutlastsARestart) {
    approvals_.load(file_);
    approvals_.approve(kConsoleMac, t0_);
    mode_ = ApprovalMode::All;
    waits(5000, Host{kPhone, kPhoneMac});
    approvals_.approve(kPhoneMac, t0_);
    Approvals later{[] { return ApprovalMode::All; }};
    later.load(file_);
    EXPECT_FALSE(later.refuses(asked()));
    EXPECT_FALSE(later.refuses(asked(5000, Host{kPhone, kPhoneMac})));
    EXPECT_TRUE(later.refuses(asked(5001, Host{kPhone, kPhoneMac})));
}

TEST_F(ApprovalsTest, AYesIsTakenBack) {
    approvals_.load(file_);
    approvals_.approve(kConsoleMac, t0_);
    EXPECT_TRUE(approvals_.unapprove(kConsoleMac));
    EXPECT_FALSE(approvals_.unapprove(kConsoleMac));
    EXPECT_FALSE(admits(asked()));
    EXPECT_EQ(textOf(file_).find("02:00"), std::string::npos);
}

TEST_F(ApprovalsTest, ABadLineIsLeftOut) {
    std::ofstream{file_} << "# a comment\n02:00:00:00:00:01 1795207654\nrubbish\n"
                            "02:00:00:00:00:02 udp 70000 5\n2001:db8::/64 udp 3074 1795207654\n";
    approvals_.load(file_);
    EXPECT_THAT(approvals_.approved(), SizeIs(2));
    EXPECT_TRUE(admits(asked()));
}

TEST_F(ApprovalsTest, WithoutAFileAYesLastsUntilTheStop) {
    approvals_.approve(kConsoleMac, t0_);
    EXPECT_TRUE(admits(asked()));
    EXPECT_THAT(textOf(file_), IsEmpty());
}

}  // namespace
}  // namespace igd
