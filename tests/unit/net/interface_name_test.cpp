// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/interface_name.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

TEST(InterfaceName, TakesWhatLinuxUses) {
    for (const char* text : {"ppp0", "br-lan", "eth0.20", "wan@if3", "lan_1", "fifteen-letters"})
        EXPECT_TRUE(InterfaceName::parse(text)) << text;
}

TEST(InterfaceName, RefusesWhatCouldBreakOutOfARule) {
    for (const char* text :
         {"", "sixteen-letters-", "a b", "-f", "a/b", ".", "..", "a\"b", "a;b", "a\n"})
        EXPECT_FALSE(InterfaceName::parse(text)) << text;
}

}  // namespace
}  // namespace igd
