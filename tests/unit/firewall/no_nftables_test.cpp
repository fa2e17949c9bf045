// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_context.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

TEST(NoNftables, TakesNoScriptAndSaysWhy) {
    NftContext context;
    EXPECT_FALSE(context.wouldTake("add table inet upnpd"));
    EXPECT_FALSE(context.run("add table inet upnpd"));
    EXPECT_EQ(context.error(), "this upnpd was built without nftables");
}

}  // namespace
}  // namespace igd::firewall
