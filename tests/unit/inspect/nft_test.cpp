// SPDX-License-Identifier: GPL-2.0-or-later
// Rulesets in the words of nft -j, and the fate of packets.
#include "packets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::inspect {
namespace {

using testing::HasSubstr;
using namespace test;

constexpr const char* kHead =
    R"({"nftables": [{"metainfo": {"json_schema_version": 1}}, {"table": {"family": "inet", "name": "filter", "handle": 1}},
       {"set": {"family": "inet", "name": "good", "table": "filter", "type": "inet_service", "handle": 2, "elem": [22, {"range": [4000, 6000]}]}},
       {"chain": {"family": "inet", "table": "filter", "name": "forward", "handle": 3, "type": "filter", "hook": "forward", "prio": 0, "policy": "POLICY"}},
       {"chain": {"family": "inet", "table": "filter", "name": "own", "handle": 4}})";

Ruleset read(const std::vector<std::string>& rules, const std::string& policy = "accept") {
    std::string json = kHead;
    json.replace(json.find("POLICY"), 6, policy);
    int handle = 10;
    for (const std::string& rule : rules)
        json += fmt::format(
            R"(, {{"rule": {{"family": "inet", "table": "filter", "chain": "{}", "handle": {}, "expr": [{}]}}}})",
            rule.starts_with('@') ? "own" : "forward", ++handle,
            rule.starts_with('@') ? rule.substr(1) : rule);
    const auto ruleset = Ruleset::fromNft(json + "]}", "");
    EXPECT_TRUE(ruleset) << ruleset.error();
    return *ruleset;
}

std::string match(const std::string& left, const std::string& right, const std::string& op = "==") {
    return fmt::format(R"({{"match": {{"op": "{}", "left": {}, "right": {}}}}}, )", op, left,
                       right);
}

const std::string kIn = R"({"meta": {"key": "iifname"}})";
const std::string kDport = R"({"payload": {"protocol": "tcp", "field": "dport"}})";
const std::string kUdpDport = R"({"payload": {"protocol": "udp", "field": "dport"}})";
const std::string kSource = R"({"payload": {"protocol": "ip", "field": "saddr"}})";
const std::string kState = R"({"ct": {"key": "state"}})";
const std::string kStatus = R"({"ct": {"key": "status"}})";
const std::string kDrop = R"({"drop": null})";
const std::string kAccept = R"({"accept": null})";

struct Case {
    std::vector<std::string> rules;
    Fate fate;
    const char* where;
};

class NftRules : public testing::TestWithParam<Case> {};

TEST_P(NftRules, DecideAsTheKernelDoes) {
    const Finding finding = wayIn(read(GetParam().rules));
    EXPECT_EQ(finding.fate, GetParam().fate);
    EXPECT_EQ(finding.where, GetParam().where);
}

constexpr const char* kFirst = "inet filter forward rule 1";
constexpr const char* kSecond = "inet filter forward rule 2";

INSTANTIATE_TEST_SUITE_P(
    All, NftRules,
    testing::Values(
        Case{{}, Fate::Reaches, ""}, Case{{kDrop}, Fate::Stopped, kFirst},
        Case{
            {R"({"counter": {"packets": 0, "bytes": 0}}, {"reject": {"type": "icmpx", "expr": "admin-prohibited"}})"},
            Fate::Stopped,
            kFirst},
        Case{{match(kIn, R"("wan0")") + kDrop}, Fate::Stopped, kFirst},
        Case{{match(kIn, R"("wan*")") + kDrop}, Fate::Stopped, kFirst},
        Case{{match(kIn, R"("wan0")", "!=") + kDrop}, Fate::Reaches, ""},
        Case{{match(kIn, R"({"set": ["eth7", "wan0"]})") + kDrop}, Fate::Stopped, kFirst},
        Case{{match(kDport, "5000") + kDrop}, Fate::Stopped, kFirst},
        Case{{match(kUdpDport, "5000") + kDrop}, Fate::Reaches, ""},
        Case{{match(kDport, "1024", "<") + kDrop}, Fate::Reaches, ""},
        Case{{match(kDport, "1024", ">=") + kDrop}, Fate::Stopped, kFirst},
        Case{{match(kDport, R"("@good")") + kAccept, kDrop}, Fate::Reaches, ""},
        Case{{match(kDport, R"({"set": [{"range": [1, 4999]}]})") + kAccept, kDrop},
             Fate::Stopped,
             kSecond},
        Case{{match(kSource, R"({"prefix": {"addr": "80.100.0.0", "len": 16}})") + kDrop},
             Fate::Stopped,
             kFirst},
        Case{{match(kSource, R"({"range": ["80.100.100.10", "80.100.100.99"]})") + kDrop},
             Fate::Reaches,
             ""},
        Case{{match(kState, R"(["established", "related"])", "in") + kAccept, kDrop},
             Fate::Stopped,
             kSecond},
        Case{{match(kState, R"({"set": ["established", "new"]})") + kDrop}, Fate::Stopped, kFirst},
        Case{{match(kStatus, R"("dnat")", "in") + kAccept, kDrop}, Fate::Reaches, ""},
        Case{{match(R"({"&": [{"meta": {"key": "mark"}}, 8388608]})", "8388608") + kAccept, kDrop},
             Fate::Reaches,
             ""},
        Case{
            {R"({"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"|": [{"meta": {"key": "mark"}}, 1]}}})",
             match(R"({"&": [{"meta": {"key": "mark"}}, 1]})", "1") + kDrop},
            Fate::Stopped,
            kSecond},
        Case{{R"({"jump": {"target": "own"}})", kDrop, "@" + match(kDport, "5000") + kAccept},
             Fate::Reaches,
             ""},
        Case{{R"({"goto": {"target": "own"}})", kDrop}, Fate::Reaches, ""},
        Case{
            {fmt::format(
                R"({{"vmap": {{"key": {}, "data": {{"set": [[22, {{"accept": null}}], [5000, {{"drop": null}}]]}}}}}})",
                kDport)},
            Fate::Stopped,
            kFirst},
        Case{{match(R"({"payload": {"protocol": "ip6", "field": "saddr"}})", R"("::1")") + kDrop},
             Fate::Reaches,
             ""},
        Case{{R"({"limit": {"rate": 1, "per": "second"}}, )" + kDrop}, Fate::Unknown, kFirst},
        Case{{R"({"limit": {"rate": 1, "per": "second"}}, )" + kAccept, kDrop},
             Fate::Unknown,
             kFirst},
        Case{{R"({"limit": {"rate": 1, "per": "second"}}, )" + kDrop, kDrop},
             Fate::Stopped,
             kSecond},
        Case{{R"({"queue": {"num": 1}})"}, Fate::Unknown, kFirst},
        Case{{match(R"({"fib": {"result": "oif", "flags": ["saddr", "iif"]}})", "false") + kDrop},
             Fate::Unknown,
             kFirst}));

TEST(Nft, AsksThePolicyLast) {
    EXPECT_EQ(wayIn(read({}, "drop")).where, "inet filter forward policy");
}

TEST(Nft, TakesTheTextOfARuleFromTheListing) {
    std::string json = kHead;
    json.replace(json.find("POLICY"), 6, "accept");
    json +=
        R"(, {"rule": {"family": "inet", "table": "filter", "chain": "forward", "handle": 11, "expr": [{"drop": null}]}}]})";
    const auto rules = Ruleset::fromNft(
        json,
        "table inet filter { # handle 1\n\tchain forward { # handle 3\n\t\t"
        "type filter hook forward priority 0; policy accept;\n\t\tdrop # handle 11\n\t}\n}\n");
    EXPECT_EQ(wayIn(*rules).text, "drop");
}

/// The table that the daemon lays, with one mapping, beside a chain that drops but for marked
/// packets.
constexpr const char* kOwnTable = R"({"nftables": [
    {"map": {"family": "inet", "name": "dnat4", "table": "upnpd", "type": ["inet_proto", "inet_service"], "handle": 4, "map": "ipv4_addr . inet_service",
             "elem": [[{"elem": {"val": {"concat": ["tcp", 40001]}, "comment": "a test"}}, {"concat": ["192.168.50.10", 5000]}]]}},
    {"set": {"family": "inet", "name": "forward4", "table": "upnpd", "type": ["ipv4_addr", "inet_proto", "inet_service", "inet_service"], "handle": 8,
             "elem": [{"concat": ["192.168.50.10", "tcp", 5000, 40001]}]}},
    {"chain": {"family": "inet", "table": "upnpd", "name": "prerouting", "handle": 1, "type": "nat", "hook": "prerouting", "prio": -85, "policy": "accept"}},
    {"chain": {"family": "inet", "table": "upnpd", "name": "forward", "handle": 16, "type": "filter", "hook": "forward", "prio": -5, "policy": "accept"}},
    {"chain": {"family": "inet", "table": "site", "name": "forward", "handle": 1, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
    {"rule": {"family": "inet", "table": "upnpd", "chain": "prerouting", "handle": 11, "expr": [{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "wan0"}},
        {"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}},
        {"dnat": {"family": "ip", "addr": {"map": {"key": {"concat": [{"meta": {"key": "l4proto"}}, {"payload": {"protocol": "th", "field": "dport"}}]}, "data": "@dnat4"}}}}]}},
    {"rule": {"family": "inet", "table": "upnpd", "chain": "forward", "handle": 21, "expr": [{"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}},
        {"match": {"op": "==", "left": {"concat": [{"ct": {"key": "ip saddr", "dir": "reply"}}, {"ct": {"key": "protocol"}}, {"ct": {"key": "proto-src", "dir": "reply"}}, {"ct": {"key": "proto-dst", "dir": "original"}}]}, "right": "@forward4"}},
        {"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"|": [{"meta": {"key": "mark"}}, 8388608]}}}]}},
    {"rule": {"family": "inet", "table": "site", "chain": "forward", "handle": 4, "comment": "upnpd", "expr": [{"match": {"op": "==", "left": {"&": [{"meta": {"key": "mark"}}, 8388608]}, "right": 8388608}}, {"accept": null}]}}
]})";

TEST(Nft, FollowsAMappingOfTheDaemonsToItsClient) {
    const Ruleset rules = Ruleset::fromNft(kOwnTable, "").value();
    const Finding mapped = wayIn(rules, Protocol::Tcp, 40001, std::nullopt);
    EXPECT_EQ(mapped.fate, Fate::Reaches);
    EXPECT_EQ(toString(*mapped.translatedTo), "192.168.50.10:5000");
    EXPECT_EQ(wayIn(rules, Protocol::Udp, 40001, std::nullopt).where, "no translation");
    EXPECT_EQ(wayIn(rules, Protocol::Tcp, 40002, std::nullopt).where, "no translation");
}

TEST(Nft, RefusesWhatNftDoesNotWrite) {
    EXPECT_FALSE(Ruleset::fromNft("", ""));
    EXPECT_FALSE(Ruleset::fromNft("{}", ""));
    EXPECT_FALSE(Ruleset::fromNft(std::string(1000, '['), ""));
    EXPECT_FALSE(Ruleset::fromNft(R"({"nftables": [{"chain": {"family": 7}}]})", ""));
}

}  // namespace
}  // namespace igd::inspect
