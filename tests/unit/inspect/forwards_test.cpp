// SPDX-License-Identifier: GPL-2.0-or-later
// Ports that rules lead elsewhere, and ports that they may seem to.
#include "upnpd/inspect/forwards.h"

#include "packets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace igd::inspect {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

/// "tcp 80-90" for each forward.
std::vector<std::string> portsIn(const Ruleset& rules) {
    std::vector<std::string> ports;
    const auto forwards = forwardsOf(rules, kWan, std::array{kWanAddress});
    for (const Forward& forward : forwards.value())
        ports.push_back(fmt::format("{} {}", lowerName(forward.protocol), toString(forward.ports)));
    return ports;
}

std::vector<std::string> saved(const std::string& rules) {
    Ruleset ruleset;
    const auto added = ruleset.addIptables(
        "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT "
        "[0:0]\n:DOCKER - [0:0]\n" +
            rules + "COMMIT\n",
        IptablesKind::Legacy);
    EXPECT_TRUE(added) << added.error();
    return portsIn(ruleset);
}

TEST(Forwards, OfIptablesAreFoundByTheirPorts) {
    EXPECT_THAT(saved("-A PREROUTING -i wan0 -p tcp -m tcp --dport 80 -j DNAT --to-destination "
                      "192.168.50.2:8080\n"),
                ElementsAre("tcp 80"));
    EXPECT_THAT(saved("-A PREROUTING -d 80.100.100.1/32 -p udp -m udp --dport 5000:5010 -j DNAT "
                      "--to-destination 192.168.50.2\n"),
                ElementsAre("udp 5000-5010"));
    EXPECT_THAT(saved("-A PREROUTING -i wan0 -p tcp -m multiport --dports 22,443,8000:8010 -j DNAT "
                      "--to-destination 192.168.50.2\n"),
                ElementsAre("tcp 22", "tcp 443", "tcp 8000-8010"));
    EXPECT_THAT(saved("-A PREROUTING -p tcp -m tcp --dport 65535 -j REDIRECT --to-ports 22\n"),
                ElementsAre("tcp 65535"));
}

TEST(Forwards, AreFoundThroughChains) {
    EXPECT_THAT(
        saved("-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER ! -i docker0 "
              "-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n"),
        ElementsAre("tcp 8080"));
}

TEST(Forwards, MayBeOfAllPorts) {
    EXPECT_THAT(saved("-A PREROUTING -i wan0 -p udp -m udp --dport 53 -j ACCEPT\n-A PREROUTING -i "
                      "wan0 -j DNAT --to-destination 192.168.50.2\n"),
                ElementsAre("tcp 1-65535", "udp 1-52", "udp 54-65535"));
}

TEST(Forwards, OfOtherPacketsDoNotCount) {
    EXPECT_THAT(saved("-A PREROUTING -i br-lan -p udp -m udp --dport 53 -j REDIRECT\n"), IsEmpty());
    EXPECT_THAT(saved("-A PREROUTING -d 80.100.100.2/32 -p tcp -m tcp --dport 80 -j DNAT "
                      "--to-destination 192.168.50.2\n"),
                IsEmpty());
    EXPECT_THAT(saved("-A PREROUTING -s 80.100.100.9/32 -p tcp -m tcp --dport 80 -j DNAT "
                      "--to-destination 192.168.50.2\n"),
                IsEmpty());
}

TEST(Forwards, ThatAreNotCertainDoNotCount) {
    EXPECT_THAT(saved("-A PREROUTING -p tcp -m tcp --dport 80 -m geoip --source-country XX -j DNAT "
                      "--to-destination 192.168.50.2\n"),
                IsEmpty());
    EXPECT_THAT(saved("-A PREROUTING -p tcp -m tcp --dport 80 -j SOMETHING\n"), IsEmpty());
}

TEST(Forwards, AreNotJudgedAmongThousandsOfRules) {
    std::string rules = "*nat\n:PREROUTING ACCEPT [0:0]\n";
    for (int port = 1; port < 5000; ++port)
        rules += fmt::format(
            "-A PREROUTING -p tcp -m tcp --dport {} -j DNAT --to-destination 192.168.50.2\n", port);
    Ruleset ruleset;
    ASSERT_TRUE(ruleset.addIptables(rules, IptablesKind::Nft));
    EXPECT_FALSE(forwardsOf(ruleset, kWan, {}));
}

std::vector<std::string> listed(const std::string& expressions) {
    const auto ruleset = Ruleset::fromNft(
        R"({"nftables": [{"chain": {"family": "inet", "table": "nat", "name": "pre", "handle": 1, "type": "nat", "hook": "prerouting", "prio": -100, "policy": "accept"}},
            {"chain": {"family": "inet", "table": "nat", "name": "web", "handle": 2}},
            {"rule": {"family": "inet", "table": "nat", "chain": "web", "handle": 3, "expr": [{"dnat": {"family": "ip", "addr": "192.168.50.2"}}]}},
            {"rule": {"family": "inet", "table": "nat", "chain": "pre", "handle": 4, "expr": [)" +
            expressions + "]}}]}",
        "");
    EXPECT_TRUE(ruleset) << ruleset.error();
    return portsIn(*ruleset);
}

constexpr const char* kFromWan =
    R"({"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "wan0"}}, )";
constexpr const char* kDnat = R"({"dnat": {"family": "ip", "addr": "192.168.50.2", "port": 22}})";

TEST(Forwards, OfNftAreFoundByTheirPorts) {
    const std::string ports =
        R"({"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [80, {"range": [8000, 8010]}]}}}, )";
    EXPECT_THAT(listed(kFromWan + ports + kDnat), ElementsAre("tcp 80", "tcp 8000-8010"));
    EXPECT_THAT(listed(ports + R"({"redirect": {"port": 22}})"),
                ElementsAre("tcp 80", "tcp 8000-8010"));
    EXPECT_THAT(listed(ports + R"({"jump": {"target": "web"}})"),
                ElementsAre("tcp 80", "tcp 8000-8010"));
}

TEST(Forwards, OfNftAreFoundInMaps) {
    EXPECT_THAT(
        listed(
            R"({"dnat": {"family": "ip", "addr": {"map": {"key": {"payload": {"protocol": "udp", "field": "dport"}}, "data": {"set": [[53, "192.168.50.2"], [123, "192.168.50.3"]]}}}}})"),
        ElementsAre("udp 53", "udp 123"));
    EXPECT_THAT(
        listed(
            R"({"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": {"set": [[25, {"goto": {"target": "web"}}]]}}})"),
        ElementsAre("tcp 25"));
}

TEST(Forwards, NameTheirRule) {
    Ruleset ruleset;
    ASSERT_TRUE(
        ruleset.addIptables("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp "
                            "--dport 80 -j REDIRECT --to-ports 22\n",
                            IptablesKind::Nft));
    EXPECT_EQ(forwardsOf(ruleset, kWan, {}).value().at(0).rule,
              "ip nat PREROUTING rule 1: -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT "
              "--to-ports 22");
}

TEST(Judge, StopsWhatIsRedirectedToTheRouter) {
    Ruleset rules;
    ASSERT_TRUE(
        rules.addIptables("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i wan0 -p tcp -m "
                          "tcp --dport 40001 -j REDIRECT --to-ports 22\n",
                          IptablesKind::Nft));
    EXPECT_EQ(wayIn(rules).where, "ip nat PREROUTING rule 1");
    EXPECT_EQ(wayIn(rules, Protocol::Udp).fate, Fate::Reaches);
}

}  // namespace
}  // namespace igd::inspect
