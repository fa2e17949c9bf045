// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign_forwards.h"

#include "rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::firewall {
namespace {

using testing::HasSubstr;

/// Our own table, which translates all ports of TCP in this test, and a chain of the
/// administrator's with the rules of `others`.
std::string json(const std::string& others = "") {
    return R"({"nftables": [
        {"table": {"family": "inet", "name": "upnpd", "handle": 1}},
        {"chain": {"family": "inet", "table": "upnpd", "name": "prerouting", "handle": 1, "type": "nat", "hook": "prerouting", "prio": -85, "policy": "accept"}},
        {"rule": {"family": "inet", "table": "upnpd", "chain": "prerouting", "handle": 2, "expr": [{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}}, {"dnat": {"addr": "192.168.50.10"}}]}},
        {"chain": {"family": "inet", "table": "site", "name": "pre", "handle": 3, "type": "nat", "hook": "prerouting", "prio": -100, "policy": "accept"}})" +
           others + "]}";
}

constexpr const char* kWeb =
    R"(, {"rule": {"family": "inet", "table": "site", "chain": "pre", "handle": 9, "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}}, {"dnat": {"addr": "192.168.50.2", "port": 8080}}]}})";
constexpr const char* kListing =
    "table inet site { # handle 1\n\tchain pre { # handle 3\n\t\ttcp dport 80 dnat to "
    "192.168.50.2:8080 # handle 9\n\t}\n}\n";

RulesetText nft(const std::string& rules) {
    RulesetText texts;
    texts.nftJson = json(rules);
    return texts;
}

class ForeignForwardsTest : public testing::Test {
protected:
    void judge(const RulesetText& texts) {
        forwards.judge(texts, {}, [this] { return ++listings, std::string{kListing}; });
    }
    ForeignForwards forwards{test::kWan};
    int listings = 0;
};

TEST_F(ForeignForwardsTest, AreNamedByTheTextOfTheirRule) {
    judge(nft(kWeb));
    EXPECT_EQ(forwards.find(Protocol::Tcp, Port{80}),
              "inet site pre rule 1: tcp dport 80 dnat to 192.168.50.2:8080");
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{79}));
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{81}));
    EXPECT_FALSE(forwards.find(Protocol::Udp, Port{80}));
}

TEST_F(ForeignForwardsTest, AreNotOurs) {
    judge(nft(""));
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{80}));
    EXPECT_EQ(listings, 0);
    RulesetText legacy;
    legacy.legacy =
        "*nat\n:PREROUTING ACCEPT [0:0]\n:UPNPD - [0:0]\n-A PREROUTING -i wan0 -m addrtype "
        "--dst-type LOCAL -j UPNPD\n-A UPNPD -p tcp -m tcp --dport 81 -j DNAT --to-destination "
        "192.168.50.10:81\nCOMMIT\n";
    judge(legacy);
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{81}));
}

TEST_F(ForeignForwardsTest, AreJudgedAgainOnlyWhenTheRulesAreOthers) {
    judge(nft(kWeb));
    judge(nft(kWeb));
    EXPECT_EQ(listings, 1);
    judge(nft(""));
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{80}));
}

TEST_F(ForeignForwardsTest, AreReadInEveryForm) {
    RulesetText texts = nft(kWeb);
    texts.iptablesNft =
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i wan0 -p tcp -m multiport --dports "
        "90,100:110 -j DNAT --to-destination 192.168.50.3\nCOMMIT\n";
    texts.legacy =
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 53 -j REDIRECT "
        "--to-ports 5353\nCOMMIT\n";
    judge(texts);
    EXPECT_TRUE(forwards.find(Protocol::Tcp, Port{80}));
    EXPECT_THAT(forwards.find(Protocol::Tcp, Port{105}).value(), HasSubstr("192.168.50.3"));
    EXPECT_THAT(forwards.find(Protocol::Udp, Port{53}).value(), HasSubstr("legacy nat PREROUTING"));
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{95}));
}

TEST_F(ForeignForwardsTest, AreNoneWhereTheRulesCannotBeRead) {
    judge(nft(kWeb));
    RulesetText broken;
    broken.nftJson = "{";
    judge(broken);
    EXPECT_FALSE(forwards.find(Protocol::Tcp, Port{80}));
}

}  // namespace
}  // namespace igd::firewall
