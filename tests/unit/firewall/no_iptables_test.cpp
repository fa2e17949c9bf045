// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/legacy_iptables.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

TEST(NoIptables, OpensNothingAndSaysWhy) {
    for (const auto& legacy : {openLegacyIptables(), openLegacyIptables6()}) {
        EXPECT_FALSE(legacy->isThere());
        EXPECT_EQ(legacy->firstUsed(), nullptr);
        const auto openings = legacy->openings({});
        EXPECT_EQ(openings->rewrite("filter", "FORWARD", {}),
                  "this upnpd was built without iptables");
        EXPECT_TRUE(openings->removeOwnChains());
        EXPECT_EQ(openings->look(), SilentRules::None);
    }
}

}  // namespace
}  // namespace igd::firewall
