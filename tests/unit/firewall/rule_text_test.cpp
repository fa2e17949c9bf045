// SPDX-License-Identifier: GPL-2.0-or-later
// Rules found in what nft and iptables-save write.
#include "reading/rule_text.h"

#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

constexpr const char* kListing =
    "table inet filter { # handle 4\n"
    "\tchain forward { # handle 5\n"
    "\t\ttype filter hook forward priority filter; policy accept;\n"
    "\t\ttcp dport 80 drop comment \"# handle 7 \" # handle 6\n"
    "\t\tct state new jump web # handle 17\n"
    "\t}\n"
    "}\n";

TEST(RuleText, OfNftIsFoundByItsHandle) {
    EXPECT_EQ(ruleInListing(kListing, 17), "ct state new jump web");
    EXPECT_EQ(ruleInListing(kListing, 6), "tcp dport 80 drop comment \"# handle 7 \"");
    EXPECT_EQ(ruleInListing(kListing, 7), "");
    EXPECT_EQ(ruleInListing(kListing, 4), "") << "a table";
    EXPECT_EQ(ruleInListing(kListing, 5), "") << "a chain";
}

constexpr const char* kSave =
    "*filter\n"
    ":FORWARD DROP [0:0]\n"
    ":FORWARD2 - [0:0]\n"
    "-A FORWARD2 -p udp -j DROP\n"
    "-A FORWARD -p tcp -j ACCEPT\n"
    "-A FORWARD\n"
    "-A FORWARD -j FORWARD2\n"
    "COMMIT\n";

TEST(RuleText, OfIptablesIsFoundByItsNumber) {
    EXPECT_EQ(ruleInSave(kSave, "FORWARD", 1), "-A FORWARD -p tcp -j ACCEPT");
    EXPECT_EQ(ruleInSave(kSave, "FORWARD", 3), "-A FORWARD -j FORWARD2");
    EXPECT_EQ(ruleInSave(kSave, "FORWARD2", 1), "-A FORWARD2 -p udp -j DROP");
    EXPECT_EQ(ruleInSave(kSave, "FORWARD", 4), "");
    EXPECT_EQ(ruleInSave(kSave, "FORWARD", 0), "");
}

}  // namespace
}  // namespace igd::firewall
