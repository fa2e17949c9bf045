// SPDX-License-Identifier: GPL-2.0-or-later
#include "print.h"

#include "check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

namespace igd::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Print, TellsTheTimeLeftInTwoUnits) {
    EXPECT_EQ(leaseText(0), "for ever");
    EXPECT_EQ(leaseText(59), "59s");
    EXPECT_EQ(leaseText(2530), "42m 10s");
    EXPECT_EQ(leaseText(7199), "1h 59m");
    EXPECT_EQ(leaseText(604800), "7d 0h");
}

TEST(Print, ListsAMappingALineAndQuotesWhatAClientWrote) {
    const Json mapping{{"protocol", "udp"},
                       {"external_port", 3074},
                       {"remote_host", nullptr},
                       {"internal_address", "192.168.50.10"},
                       {"internal_port", 3075},
                       {"enabled", false},
                       {"description", "a\x1b[31m \"b\""},
                       {"lease", 0},
                       {"via", "nat-pmp"}};
    const std::string text = listText({mapping});
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
    EXPECT_THAT(text, HasSubstr("192.168.50.10  3075  3074      udp    any   for ever, off"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, HasSubstr("nat-pmp"));
    EXPECT_EQ(listText({}), "no port mappings\n");
}

TEST(Print, ListsPinholesBelow) {
    const Json pinhole{{"protocol", "tcp"},     {"internal_address", "2001:db8::10"},
                       {"internal_port", 5000}, {"lease", 59},
                       {"via", "pcp"},          {"from", {"2001:db9::/32", "2001:dba::1/128@53"}}};
    EXPECT_THAT(
        pinholesText({pinhole}),
        HasSubstr("2001:db8::10  5000  tcp    59s   pcp  2001:db9::/32, 2001:dba::1/128@53\n"));
    const Json vpn{{"protocol", "esp"}, {"internal_address", "2001:db8::10"}, {"internal_port", 0}};
    EXPECT_THAT(pinholesText({vpn}), HasSubstr("2001:db8::10  -     esp"));
    EXPECT_EQ(pinholesText({}), "");
}

TEST(Print, TellsWhatCouldNotBeOpened) {
    const Json status{{"internal",
                       {{{"interface", "lan0"},
                         {"address", "192.168.1.1/24"},
                         {"problems", {{{"reason", "no UDP port 5351"}}}}}}}};
    EXPECT_THAT(statusText(status), HasSubstr("\n          no UDP port 5351; it is tried again\n"));
}

TEST(Print, TellsWhichChainStaysClosed) {
    const Json status{{"refusals", {{{"chain", "inet filter forward"}, {"why", "EBUSY"}}}}};
    EXPECT_THAT(statusText(status),
                HasSubstr("\n          inet filter forward stays closed: EBUSY\n"));
}

TEST(Print, TellsOfAnInterfaceWithoutAddress) {
    const Json status = Json::parse(
        R"({"version": "1", "external": {"interface": "ppp0", "address": null, "up": false},
        "internal": [{"interface": "lan0", "address": null, "http_port": null}],
        "firewall": "nftables", "mappings": 0, "repairs": 2})");
    EXPECT_THAT(statusText(status), HasSubstr("ppp0 (down)"));
    EXPECT_THAT(statusText(status), HasSubstr("lan0 (waiting for its address)"));
}

TEST(Print, TellsWhatAnswersOnAnInterface) {
    const auto textOf = [](const char* lan) {
        return statusText({{"internal", {Json::parse(lan)}}});
    };
    EXPECT_THAT(textOf(
                    R"({"interface": "lan0", "address": "10.0.0.1/24",
                "answers": false, "http_port": null})"),
                HasSubstr("lan0 10.0.0.1/24 (starting)"));
    EXPECT_THAT(textOf(
                    R"({"interface": "lan0", "address": "10.0.0.1/24",
                "answers": true, "http_port": 49152})"),
                HasSubstr("lan0 10.0.0.1/24, HTTP port 49152"));
    EXPECT_THAT(textOf(
                    R"({"interface": "lan0", "address": "10.0.0.1/24",
                "answers": true, "http_port": null})"),
                HasSubstr("lan0 10.0.0.1/24, without UPnP"));
    EXPECT_THAT(textOf(R"({"interface": "lan0", "address": "10.0.0.1/24", "answers": true,
                   "addresses": ["10.0.0.1/24", "10.1.0.1/24"], "http_port": 49152})"),
                HasSubstr("lan0 10.0.0.1/24, 10.1.0.1/24, HTTP port 49152"));
}

TEST(Print, TellsWhatClientsAreTold) {
    const auto textOf = [](const char* external) {
        return statusText({{"external", Json::parse(external)}});
    };
    EXPECT_THAT(
        textOf(R"({"interface": "wan0", "up": true, "address": "100.71.3.4", "told": "80.1.2.3",
                           "told_from": "stun.example:3478", "told_remark": ""})"),
        HasSubstr(
            "wan0 100.71.3.4 (carrier NAT), told to clients: 80.1.2.3 (stun.example:3478)\n"));
    EXPECT_THAT(
        textOf(R"({"interface": "wan0", "up": true, "address": "100.71.3.4", "told": "100.71.3.4",
                           "told_from": "", "told_remark": "stun.example:3478: no answer"})"),
        HasSubstr("wan0 100.71.3.4 (carrier NAT: not reachable from the Internet), told to clients "
                  "as it is: "
                  "stun.example:3478: no answer\n"));
    EXPECT_THAT(
        textOf(R"({"interface": "ppp0", "up": true, "address": "80.1.2.3", "told": "80.1.2.3"})"),
        HasSubstr("ppp0 80.1.2.3 (public)\n"));
    EXPECT_THAT(textOf(R"({"interface": "ppp0", "exists": false, "up": false, "told": null})"),
                HasSubstr("ppp0 (no such interface yet)\n"));
}

TEST(Check, FailsWhenSomethingStopsTrafficAndForNothingElse) {
    const Line note{"A", Verdict::Note, "n", ""};
    const Line unknown{"B", Verdict::Unknown, "u", ""};
    const Line fail{"C", Verdict::Fail, "f", "do it"};
    EXPECT_EQ(checkStatus({note, unknown}), 0);
    EXPECT_EQ(checkStatus({note, fail}), 1);
    EXPECT_THAT(checkText({fail}), HasSubstr("-> do it"));
    EXPECT_EQ(checkJson({fail})["checks"][0]["verdict"], "FAIL");
}

TEST(Check, JudgesAHostWithoutAnyRules) {
    Facts facts{InterfaceName::parse("wan0").value()};
    facts.externalIndex = 2;
    facts.externalAddress = parseIpv4Address("100.64.0.1");
    facts.rules = std::make_shared<const inspect::Ruleset>();
    facts.internal.push_back(
        {InterfaceName::parse("lan0").value(), {*parseIpv4Prefix("10.0.0.1/24")}, Port{49152}});
    std::map<std::string, Verdict> verdicts;
    for (const Line& line : check(facts, std::nullopt)) verdicts[line.code] = line.verdict;
    EXPECT_EQ(verdicts["WAN-02"], Verdict::Fail) << "carrier NAT";
    EXPECT_EQ(verdicts["FWD-01"], Verdict::Fail);
    EXPECT_EQ(verdicts["NAT-01"], Verdict::Fail);
    EXPECT_EQ(verdicts["LAN-02"], Verdict::Ok);
    EXPECT_EQ(verdicts["LAN-04"], Verdict::Ok);
    EXPECT_EQ(verdicts["MAP-00"], Verdict::Note);
}

}  // namespace
}  // namespace igd::ctl
