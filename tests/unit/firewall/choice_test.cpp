// SPDX-License-Identifier: GPL-2.0-or-later
#include "choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using testing::HasSubstr;

const HostFirewall kModern{std::nullopt, std::nullopt, true};
const HostFirewall kLegacyInUse{"filter", std::nullopt, true};
const HostFirewall kOldKernel{std::nullopt, "Error: Could not process rule: Not supported", true};
const HostFirewall kWithoutIptables{std::nullopt, std::nullopt, false, BuildPart::Iptables};
const HostFirewall kWithoutNftables{std::nullopt, "not built in", true, BuildPart::Nftables};
const HostFirewall kNothing{std::nullopt, "Error: Operation not permitted", false};

TEST(Choice, IsNftablesBesideLegacyRulesToo) {
    EXPECT_EQ(choose(BackendChoice::Auto, kModern)->backend, BackendChoice::Nftables);
    const auto legacy = choose(BackendChoice::Auto, kLegacyInUse);
    EXPECT_EQ(legacy->backend, BackendChoice::Nftables);
    EXPECT_THAT(legacy->why, HasSubstr("table filter"));
}

TEST(Choice, FallsBackToIptablesOnAKernelThatCannotHoldTheMaps) {
    const HostFirewall kOldKernelOfLegacy{"filter", kOldKernel.nftablesRefusal, true};
    EXPECT_EQ(choose(BackendChoice::Auto, kOldKernelOfLegacy)->backend, BackendChoice::Iptables);
    const auto old = choose(BackendChoice::Auto, kOldKernel);
    EXPECT_EQ(old->backend, BackendChoice::Iptables);
    EXPECT_THAT(old->why, HasSubstr("Not supported"));
}

TEST(Choice, FollowsTheConfiguration) {
    EXPECT_EQ(choose(BackendChoice::Nftables, kLegacyInUse)->backend, BackendChoice::Nftables);
    EXPECT_EQ(choose(BackendChoice::Iptables, kModern)->backend, BackendChoice::Iptables);
}

TEST(Choice, SaysWhatIsNotToBeHad) {
    EXPECT_THAT(choose(BackendChoice::Nftables, kOldKernel).error(), HasSubstr("Not supported"));
    EXPECT_THAT(choose(BackendChoice::Iptables, kNothing).error(), HasSubstr("CAP_NET_RAW"));
    EXPECT_THAT(choose(BackendChoice::Auto, kNothing).error(), HasSubstr("not permitted"));
}

TEST(Choice, IsTheOnlyBackEndThatIsBuiltIn) {
    const auto one = choose(BackendChoice::Auto, kWithoutIptables);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->backend, BackendChoice::Nftables);
    EXPECT_EQ(one->why, "this upnpd was built without iptables");
    const auto other = choose(BackendChoice::Auto, kWithoutNftables);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->backend, BackendChoice::Iptables);
    EXPECT_EQ(other->why, "this upnpd was built without nftables");
}

TEST(Choice, SaysWhatIsNotBuiltIn) {
    EXPECT_THAT(choose(BackendChoice::Iptables, kWithoutIptables).error(),
                HasSubstr("built without iptables"));
    EXPECT_THAT(choose(BackendChoice::Nftables, kWithoutNftables).error(),
                HasSubstr("built without nftables"));
    HostFirewall host = kWithoutIptables;
    host.nftablesRefusal = "Not supported";
    EXPECT_THAT(choose(BackendChoice::Auto, host).error(), HasSubstr("Not supported"));
}

}  // namespace
}  // namespace igd::firewall
