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

TEST(Print, SaysInALineWhatTheLinesPermit) {
    Json answer{{"client", "192.168.1.30"}, {"protocol", "tcp"},        {"external_port", 22},
                {"permitted", false},       {"refusal", "port < 1024"}, {"line", nullptr}};
    EXPECT_EQ(aclText(answer),
              "refused: 192.168.1.30 tcp 22, by no line: allow 1024-65535 any 1024-65535 stands "
              "behind all: port < 1024\n");
    EXPECT_FALSE(isPermitted(answer));
    answer["permitted"] = true;
    answer["line"] = "upnpd.conf:41";
    EXPECT_EQ(aclText(answer), "allowed: 192.168.1.30 tcp 22, by upnpd.conf:41\n");
}

TEST(Print, TellsWhatAClientWouldGetAndWhy) {
    Json answer = Json::parse(R"({"client": "192.168.1.30", "interface": "lan0",
        "protocol": "tcp", "external_port": 22, "internal_port": 2222, "line": null,
        "answers": [{"via": "upnp", "action": "AddPortMapping", "granted": false,
                     "error": "not-authorized", "reason": "port 22 is below 1024"},
                    {"via": "pcp", "action": "MAP", "granted": true, "external_port": 1024}]})");
    EXPECT_EQ(explanationText(answer),
              "192.168.1.30 on lan0 asks for tcp 22, to its port 2222\n"
              "BY    REQUEST         ANSWER\n"
              "upnp  AddPortMapping  refused (not-authorized): port 22 is below 1024\n"
              "pcp   MAP             granted, port 1024\n"
              "decided by no line: allow 1024-65535 any 1024-65535 stands behind all\n");
    EXPECT_FALSE(isGrantedByAll(answer));
    answer["answers"].erase(0);
    answer["line"] = "upnpd.conf:41";
    EXPECT_TRUE(isGrantedByAll(answer));
    EXPECT_THAT(explanationText(answer), testing::HasSubstr("decided by upnpd.conf:41\n"));
}

TEST(Print, TellsWhatCouldNotBeOpened) {
    const Json status{{"internal",
                       {{{"interface", "lan0"},
                         {"address", "192.168.1.1/24"},
                         {"problems", {{{"reason", "no UDP port 5351"}}}}}}}};
    EXPECT_THAT(statusText(status), HasSubstr("\n          no UDP port 5351; it is tried again\n"));
}

TEST(Print, StatusSaysWhereMetricsAreRead) {
    Json status{{"metrics", nullptr}};
    EXPECT_THAT(statusText(status), Not(HasSubstr("metrics")));
    status["metrics"] = {{"address", "::1"}, {"port", 9912}, {"open", true}, {"problem", nullptr}};
    EXPECT_THAT(statusText(status), HasSubstr("\nmetrics   http://[::1]:9912/metrics\n"));
    status["metrics"] = {
        {"address", "10.0.0.1"}, {"port", 9912}, {"open", false}, {"problem", "it is taken"}};
    EXPECT_THAT(statusText(status),
                HasSubstr("http://10.0.0.1:9912/metrics is not open: it is taken\n"));
}

TEST(Print, TellsWhoHasAPort) {
    const Json problem{{"reason", "no UDP port 5351"}, {"holders", "miniupnpd (pid 812)"}};
    EXPECT_THAT(statusText({{"internal", {{{"interface", "lan0"}, {"problems", {problem}}}}}}),
                HasSubstr("no UDP port 5351, which miniupnpd (pid 812) has; it is tried again\n"));
}

TEST(Print, TellsWhichProtocolIsServedByWhichFamily) {
    const Json status = Json::parse(R"({"internal": [{"interface": "lan0", "services": [
        {"service": "http", "ipv4": true, "ipv6": true},
        {"service": "ssdp", "ipv4": true, "ipv6": null},
        {"service": "nat-pmp", "ipv4": false, "ipv6": null},
        {"service": "pcp", "ipv4": true, "ipv6": false}]}]})");
    EXPECT_THAT(statusText(status), HasSubstr("\n          http     IPv4, IPv6\n"
                                              "          ssdp     IPv4\n"
                                              "          nat-pmp  NOT SERVED\n"
                                              "          pcp      IPv4, NOT IPv6\n"));
}

TEST(Print, TellsWhatWasRepairedAndWhatWasRefused) {
    const Json status = Json::parse(R"({"version": "2", "pid": 7, "uptime": 90,
        "settings": {"file": "/x.conf"}, "firewall": "nftables", "repairs": 3,
        "last_repair": {"ago": 302, "damage": "inet upnpd was removed"}, "damage": "it is gone",
        "last_reload": {"ago": 0, "refused": "lan0: taken\nthe old settings stay in force"}})");
    const std::string text = statusText(status);
    EXPECT_THAT(text, HasSubstr("upnpd 2, pid 7, up 1m 30s\nsettings  /x.conf\n"));
    EXPECT_THAT(text,
                HasSubstr("firewall  nftables; rules put back 3 time(s), the last 5m 02s ago: "
                          "inet upnpd was removed\n          NOT REPAIRED YET: it is gone\n"));
    EXPECT_THAT(text,
                HasSubstr("reload    REFUSED 0s ago\n          lan0: taken\n          the old "
                          "settings stay in force\n"));
}

TEST(Print, TellsWhichChainStaysClosed) {
    const Json status{{"refusals", {{{"chain", "inet filter forward"}, {"why", "EBUSY"}}}}};
    EXPECT_THAT(statusText(status),
                HasSubstr("\n          inet filter forward stays closed: EBUSY\n"));
}

TEST(Print, TellsForWhomNatIsOpenAndWhatTheyHold) {
    const Json status = Json::parse(R"({"open_nat": {
        "hosts": [{"host": "192.168.1.40", "ports": "1024-65535"},
                  {"host": "mac:02:00:00:00:00:40", "ports": "none"}],
        "held": 3,
        "ports": [{"external_port": 3075, "internal_address": "192.168.1.40",
                   "internal_port": 3074}]}})");
    EXPECT_THAT(statusText(status), HasSubstr("open NAT  192.168.1.40: udp 1024-65535\n"
                                              "open NAT  mac:02:00:00:00:00:40: udp none\n"
                                              "          udp 3075 -> 192.168.1.40:3074\n"
                                              "          and 2 more\n"));
    EXPECT_THAT(statusText(Json::parse(R"({"open_nat": null})")), Not(HasSubstr("open NAT")));
}

TEST(Print, TellsOfAnInterfaceWithoutAddress) {
    const Json status = Json::parse(
        R"({"version": "1", "external": {"interface": "ppp0", "address": null, "up": false},
        "internal": [{"interface": "lan0", "address": null, "http_port": null}],
        "firewall": "nftables", "mappings": 0, "repairs": 2})");
    EXPECT_THAT(statusText(status), HasSubstr("ppp0 (down)"));
    EXPECT_THAT(statusText(status), HasSubstr("lan0 (waiting for its address)"));
    const Json absent{{"interface", "lan1"}, {"waits", "no such interface yet"}};
    EXPECT_THAT(statusText({{"internal", {absent}}}), HasSubstr("lan1 (no such interface yet)"));
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
                    R"({"interface": "lan0", "address": "10.0.0.1/24", "addresses": ["10.0.0.1/24"],
                "addresses6": ["fd00::1/64"], "answers": true, "http_port": null})"),
                HasSubstr("lan0 10.0.0.1/24, without UPnP"));
    EXPECT_THAT(textOf(
                    R"({"interface": "lan0", "address": "fd00::1/64", "addresses": [],
                "addresses6": ["fd00::1/64"], "answers": true, "http_port": 49152})"),
                HasSubstr("lan0 fd00::1/64, HTTP port 49152"));
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
    facts.outside = {
        .exists = true, .running = true, .addresses = {*parseIpv4Prefix("100.64.0.1/10")}};
    facts.rules = std::make_shared<const inspect::Ruleset>();
    facts.internal.push_back(
        {InterfaceName::parse("lan0").value(),
         {.exists = true, .running = true, .addresses = {*parseIpv4Prefix("10.0.0.1/24")}},
         Port{49152}});
    std::map<std::string, Verdict> verdicts;
    for (const Line& line : check(facts, {})) verdicts[line.code] = line.verdict;
    EXPECT_EQ(verdicts["WAN-02"], Verdict::Fail) << "carrier NAT";
    EXPECT_EQ(verdicts["FWD-01"], Verdict::Fail);
    EXPECT_EQ(verdicts["NAT-01"], Verdict::Fail);
    EXPECT_EQ(verdicts["LAN-02"], Verdict::Ok);
    EXPECT_EQ(verdicts["LAN-04"], Verdict::Ok);
    EXPECT_EQ(verdicts["MAP-00"], Verdict::Note);
}

}  // namespace
}  // namespace igd::ctl
