// SPDX-License-Identifier: GPL-2.0-or-later
#include "reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Configuration sample() {
    return {Settings{}, *InterfaceName::parse("ppp0"), {*InterfaceName::parse("br-lan")}};
}

TEST(KeepUntilRestart, NamesAndKeepsWhatIsOpenedOnce) {
    const Configuration running = sample();
    Configuration fresh = sample();
    fresh.externalInterface = *InterfaceName::parse("eth0");
    fresh.leaseFile.reset();
    fresh.user = "router";
    fresh.policy.mappingsTotal = 7;
    EXPECT_THAT(keepUntilRestart(running, fresh),
                ElementsAre("external_interface", "lease_file", "user"));
    EXPECT_EQ(fresh.externalInterface, running.externalInterface);
    EXPECT_EQ(fresh.leaseFile, running.leaseFile);
    EXPECT_EQ(fresh.user, running.user);
    EXPECT_EQ(fresh.policy.mappingsTotal, 7U);
}

TEST(KeepUntilRestart, SaysNothingWhenNothingHasToWait) {
    Configuration fresh = sample();
    fresh.internalInterfaces.push_back(*InterfaceName::parse("vlan20"));
    fresh.debugMode = 3;
    EXPECT_THAT(keepUntilRestart(sample(), fresh), IsEmpty());
    EXPECT_EQ(fresh.internalInterfaces.size(), 2U);
}

}  // namespace
}  // namespace igd
