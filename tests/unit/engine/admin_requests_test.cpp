// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_requests_fixture.h"

#include "upnpd/admin/server.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace igd {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(AdminRequestsTest, MetricsAreToldInEitherForm) {
    const Json answer = ask("metrics 0", false);
    EXPECT_EQ(answer["ok"], true);
    EXPECT_TRUE(answer["next"].is_null());
    const std::string text = answer["text"];
    EXPECT_THAT(text, testing::HasSubstr("\nupnpd_quota_limit 1024\n"));
    EXPECT_FALSE(text.ends_with("# EOF\n"));
    const std::string open = ask("metrics 0 openmetrics", false)["text"];
    EXPECT_TRUE(open.ends_with("# EOF\n"));
    const std::string rest = ask("metrics 100", false)["text"];
    EXPECT_LT(rest.size(), text.size());
    EXPECT_TRUE(rest.starts_with(text.substr(100, 200))) << rest;
    EXPECT_EQ(ask("metrics 1000000", false)["text"], "");
    for (const char* const wrong : {"metrics", "metrics x", "metrics 0 json", "metrics 0 0 0"})
        EXPECT_EQ(ask(wrong)["error"], "usage") << wrong;
}

TEST_F(AdminRequestsTest, FindTellsTheAddressesOfAHost) {
    neighbours_.known[kConsole] = kConsoleMac;
    EXPECT_EQ(ask("find 02:00:00:00:00:01", false)["hosts"],
              Json::parse(R"([{"address": "192.168.1.10", "mac": "02:00:00:00:00:01",
                               "name": null}])"));
    EXPECT_EQ(ask("find nas")["hosts"], Json::array());
    EXPECT_EQ(ask("find")["error"], "usage");
}

TEST_F(AdminRequestsTest, ListTellsWhoseAnOpeningIs) {
    has({mappingOf(kConsole, 3000)});
    EXPECT_EQ(ask("list 0")["mappings"][0]["client"]["mac"], "02:00:00:00:00:01");
}

TEST_F(AdminRequestsTest, LogChangesWhatIsLogged) {
    EXPECT_EQ(ask("log 3", false)["error"], "permission");
    for (const char* const wrong : {"log", "log 4", "log x", "log 3 0", "log 3 x", "log 3 60 1"})
        EXPECT_EQ(ask(wrong)["error"], "usage") << wrong;
    EXPECT_EQ(ask("log 1")["ok"], true);
    EXPECT_EQ(log_.debugMode(), 1);
    EXPECT_TRUE(isIdle());
    EXPECT_EQ(ask("log 3 60")["ok"], true);
    EXPECT_EQ(log_.debugMode(), 3);
    EXPECT_FALSE(isIdle()) << "it ends by itself";
    log_.set(2, std::nullopt);
}

TEST_F(AdminRequestsTest, ExplainSaysWhatEachProtocolWouldAnswer) {
    has({mappingOf(kPhone, 3074)});
    openings_.changeExternal({kExternal, kExternal}, Clock::now());
    const Json answer = ask("explain 192.168.1.10 udp 3074 3074", false);
    EXPECT_EQ(answer["interface"], "lan0");
    EXPECT_TRUE(answer["line"].is_null());
    EXPECT_EQ(answer["permitted"], true) << "the lines have nothing against it";
    const Json low = ask("explain 192.168.1.10 udp 22 22", false);
    EXPECT_EQ(low["permitted"], false);
    EXPECT_EQ(low["refusal"], low["answers"][0]["reason"]);
    std::vector<std::string> outcomes;
    for (const Json& each : answer["answers"])
        outcomes.push_back(fmt::format(
            "{} {} {}", each["via"].get<std::string>(), each["action"].get<std::string>(),
            each["granted"].get<bool>() ? std::to_string(each["external_port"].get<int>())
                                        : each["reason"].get<std::string>()));
    EXPECT_THAT(outcomes,
                ElementsAre("upnp AddPortMapping held by 192.168.1.11",
                            "upnp AddAnyPortMapping 3075", "nat-pmp map 3075", "pcp MAP 3075"));
    configuration_.natPmp = false;
    configuration_.upnp = false;
    EXPECT_EQ(ask("explain 192.168.1.10 udp 3074 3074")["answers"].size(), 1U);
    EXPECT_EQ(ask("explain 2001:db8::10 tcp 80 5000")["external_port"], 5000);
    EXPECT_EQ(ask("explain 10.9.9.9 tcp 80 5000")["error"], "not-found");
    for (const char* const wrong : {"explain 192.168.1.10 udp 3074", "explain x udp 1 1",
                                    "explain 192.168.1.10 gre 1 1", "explain 192.168.1.10 udp 0 1"})
        EXPECT_EQ(ask(wrong)["error"], "usage") << wrong;
}

TEST_F(AdminRequestsTest, StatusTellsHowEverythingIs) {
    interfaces_.set(kWan, kExternal);
    external_.refresh(Clock::now());
    served_ = {{*InterfaceName::parse("lan0"),
                {kLan.addresses.front()},
                true,
                Port{49152},
                {{true, {kLan.addresses.front().address, Port{49152}}}},
                {},
                "",
                "",
                kLan.addresses6},
               {*InterfaceName::parse("vlan20"),
                {},
                false,
                std::nullopt,
                {},
                {{{false, {*parseIpv6Address("ff02::c"), Port{1900}}}, "it is taken"}},
                "no such interface yet",
                "no multicast"}};
    has({mappingOf(kConsole, 3000), mappingOf(kConsole, 3001),
         flowOf(kConsole, 6000, Clock::now() + 1h),
         openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    repairs_.damaged("gone");
    Json answer = ask("status", false);
    EXPECT_EQ(answer["pid"], ::getpid());
    answer.erase("pid");
    for (const char* const other : {"settings", "last_repair"}) answer.erase(other);
    for (Json& lan : answer["internal"]) lan.erase("services");
    EXPECT_EQ(answer, Json::parse(R"({
        "ok": true, "schema": 1, "version": "2.0.0", "role": "single", "firewall": "fake",
        "uptime": 5400,
        "external": {"interface": "ppp0", "exists": true, "up": true, "address": "80.100.100.1",
                     "told": "80.100.100.1", "told_from": "", "told_remark": "",
                     "connected_for": 0},
        "internal": [{"interface": "lan0", "address": "192.168.1.1/24", "answers": true,
                      "addresses": ["192.168.1.1/24"], "addresses6": ["2001:db8::1/64"],
                      "http_port": 49152, "waits": null,
                      "open": [{"protocol": "tcp", "address": "192.168.1.1", "port": 49152}],
                      "problems": []},
                     {"interface": "vlan20", "address": null, "answers": false,
                      "addresses": [], "addresses6": [], "http_port": null,
                      "waits": "no such interface yet",
                      "open": [],
                      "problems": [{"reason": "the device is not advertised: no multicast"},
                                   {"protocol": "udp", "address": "ff02::c", "port": 1900,
                                    "reason": "it is taken"}]}],
        "mappings": 2, "pinholes": 1, "flows": 1, "repairs": 1,
        "damage": null, "upstream": null, "store": null, "metrics": null, "last_reload": null,
        "refusals": [], "open_nat": null})"))
        << answer.dump(2);
}

TEST_F(AdminRequestsTest, StatusTellsWhatWasRepaired) {
    EXPECT_EQ(ask("status")["last_repair"], nullptr);
    repairs_.damaged("inet upnpd was removed");
    const Json last = ask("status")["last_repair"];
    EXPECT_EQ(last["damage"], "inet upnpd was removed");
    EXPECT_LE(last["ago"], 1);
}

TEST_F(AdminRequestsTest, StatusTellsWhichProtocolIsServed) {
    const SocketName control{false, {kLan.addresses.front().address, Port{5351}}};
    const SocketName group{false, {*parseIpv4Address("239.255.255.250"), Port{1900}}};
    served_ = {{.interface = kLan.interface,
                .addresses = {kLan.addresses.front()},
                .open = {group},
                .problems = {{control, "taken"}}}};
    const Json services = ask("status")["internal"][0]["services"];
    EXPECT_EQ(services[1], Json::parse(R"({"service": "ssdp", "ipv4": true, "ipv6": null})"));
    EXPECT_EQ(services[2], Json::parse(R"({"service": "nat-pmp", "ipv4": false, "ipv6": null})"));
}

TEST_F(AdminRequestsTest, StatusTellsTheSettingsInForce) {
    configuration_.leaseFile.reset();
    configuration_.controlSocket = "/run/x.sock";
    EXPECT_EQ(ask("status", false)["settings"], Json::parse(R"({
        "file": "/x.conf", "external_interface": "ppp0", "external_interface6": "ppp0",
        "external_follows_route": false, "uplinks": [{"interface": "ppp0", "mark": 0}],
        "uplinks_at_once": false, "mark_bits": 8388608,
        "internal_interfaces": ["lan0"], "external_ports": [],
        "upnp": true, "nat_pmp": true, "pcp": true, "listenport": 0, "ipv6_pinholes": true,
        "lease_file": null, "lease_store": null, "pid_file": "/run/upnpd/upnpd.pid",
        "control_socket": "/run/x.sock", "user": "upnpd"})"));
    configuration_.file.clear();
    EXPECT_EQ(ask("status", false)["settings"]["file"], nullptr) << "there was none";
    configuration_.externalInterface = InterfaceName::none();
    EXPECT_EQ(ask("status")["settings"]["external_interface"], nullptr) << "not known yet";
}

TEST_F(AdminRequestsTest, WithoutASocketOnlyRootIsAnswered) {
    configuration_.controlSocket.reset();
    EXPECT_EQ(ask("status", false)["error"], "permission");
    EXPECT_EQ(ask("status", true)["settings"]["control_socket"], nullptr);
}

TEST_F(AdminRequestsTest, StatusTellsThatThereIsNoAddress) {
    const Json external = ask("status")["external"];
    EXPECT_EQ(external["exists"], false);
    EXPECT_EQ(external["address"], nullptr);
    EXPECT_EQ(external["told"], nullptr);
}

TEST_F(AdminRequestsTest, OutlookSaysWhatAddWouldComeTo) {
    has({mappingOf(kPhone, 3074)});
    EXPECT_EQ(ask("outlook udp 3075 192.168.1.10 443", false)["ok"], true);
    const Json held = ask("outlook udp 3074 192.168.1.10 443", false);
    EXPECT_EQ(held["error"], "conflict");
    EXPECT_EQ(held["text"], "held by 192.168.1.11");
    EXPECT_EQ(ask("outlook udp 3075 10.9.9.9 443")["error"], "not-found");
    for (const char* const wrong : {"outlook", "outlook udp 3075 192.168.1.10", "outlook x 1 x 1",
                                    "outlook udp 3075 192.168.1.10 443 60"})
        EXPECT_EQ(ask(wrong)["error"], "usage") << wrong;
    EXPECT_EQ(openings_.lists().count(OpeningKind::Mapping), 1U);
    EXPECT_THAT(done_, IsEmpty());
}

TEST_F(AdminRequestsTest, ConfigTellsWhatIsInForceInPages) {
    configuration_.assigned = {{"lease_max", "60", "/x.conf:3"}};
    const Json first = ask("config 0", false);
    EXPECT_EQ(first["settings"].size(), 64U);
    EXPECT_EQ(first["next"], 64);
    const Json set{{"key", "lease_max"},
                   {"value", "60"},
                   {"place", "/x.conf:3"},
                   {"default", false},
                   {"found", nullptr}};
    EXPECT_THAT(first["settings"], testing::Contains(set));
    EXPECT_EQ(ask("config 64", false)["next"], nullptr);
    EXPECT_EQ(ask("config x")["error"], "usage");
    EXPECT_EQ(ask("")["error"], "usage");
}

TEST_F(AdminRequestsTest, DeleteEndsAMapping) {
    has({mappingOf(kConsole, 3000)});
    EXPECT_EQ(ask("delete UDP 3000"), Json::parse(R"({"ok": true, "schema": 1})"));
    EXPECT_EQ(openings_.lists().size(), 0U);
    const Json again = ask("delete udp 3000");
    EXPECT_EQ(again, Json::parse(R"({"ok": false, "schema": 1, "error": "not-found",
                                     "text": "there is no such mapping"})"));
}

TEST_F(AdminRequestsTest, CloseEndsPinholesAndSaysHowMany) {
    Opening other = openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}});
    other.remote = filter("2001:db8:ffff::9");
    has({openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}}), other,
         openingOf(OpeningKind::Pinhole, {kConsole6, Port{5001}})});
    EXPECT_EQ(ask("close udp 2001:db8::10 5000"),
              Json::parse(R"({"ok": true, "schema": 1, "closed": 2})"));
    EXPECT_EQ(openings_.lists().size(), 1U);
    EXPECT_EQ(ask("close udp 2001:db8::10 5000")["text"], "there is no such pinhole");
}

TEST_F(AdminRequestsTest, CloseKnowsProtocolsWithoutPorts) {
    Opening esp = openingOf(OpeningKind::Pinhole, {kConsole6, Port{0}});
    esp.protocol = Protocol::Esp;
    has({esp});
    EXPECT_EQ(ask("close esp 2001:db8::10 0")["closed"], 1);
    EXPECT_EQ(ask("close udp 2001:db8::10 0")["error"], "usage");
}

TEST_F(AdminRequestsTest, AFirewallThatRefusesIsSaid) {
    has({mappingOf(kConsole, 3000), openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    firewall_.broken = true;
    for (const char* const request : {"delete udp 3000", "close udp 2001:db8::10 5000", "clear"}) {
        const Json answer = ask(request);
        EXPECT_EQ(answer["ok"], false) << request;
        EXPECT_EQ(answer["text"],
                  "the firewall did not take the change; its reason is in upnpd's log");
    }
    EXPECT_EQ(openings_.lists().size(), 2U);
}

TEST_F(AdminRequestsTest, ClearSyncAndReloadAreDone) {
    has({mappingOf(kConsole, 3000)});
    EXPECT_EQ(ask("clear")["ok"], true);
    EXPECT_EQ(openings_.lists().size(), 0U);
    EXPECT_EQ(ask("sync")["ok"], true);
    reloaded_.notes = {"user counts from the next start of upnpd on"};
    EXPECT_EQ(ask("reload"), Json::parse(R"({"ok": true, "schema": 1,
        "notes": ["user counts from the next start of upnpd on"]})"));
    EXPECT_THAT(done_, ElementsAre("clear", "sync", "reload"));
}

TEST_F(AdminRequestsTest, AReloadThatIsRefusedSaysWhy) {
    reloaded_ = {"upnpd.conf:41: error: no such key", {"upnpd.conf:41: error: no such key"}};
    reloaded_.objections = {
        {"taken", SocketName{false, {kLan.addresses.front().address, Port{5351}}}}, {"no memory"}};
    EXPECT_EQ(ask("reload"), Json::parse(R"({"ok": false, "schema": 1, "error": "refused",
        "text": "upnpd.conf:41: error: no such key",
        "notes": ["upnpd.conf:41: error: no such key"],
        "problems": [{"protocol": "udp", "address": "192.168.1.1", "port": 5351}]})"));
}

TEST_F(AdminRequestsTest, OnlyWhoMayChangesAnything) {
    has({mappingOf(kConsole, 3000), openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    for (const char* const request :
         {"delete udp 3000", "close udp 2001:db8::10 5000", "clear", "sync", "reload"}) {
        const Json answer = ask(request, false);
        EXPECT_EQ(answer["ok"], false) << request;
        EXPECT_EQ(answer["error"], "permission") << request;
    }
    EXPECT_EQ(openings_.lists().size(), 2U);
    EXPECT_THAT(done_, IsEmpty());
}

TEST_F(AdminRequestsTest, AnythingElseIsNoRequest) {
    has({mappingOf(kConsole, 3000)});
    for (const char* const request : {"",
                                      " ",
                                      "nonsense",
                                      "status now",
                                      "list",
                                      "list x",
                                      "list -1",
                                      "list 0 1",
                                      "list 4294967296",
                                      "pinholes",
                                      "delete",
                                      "delete udp",
                                      "delete udp 0",
                                      "delete udp 65536",
                                      "delete sctp 3000",
                                      "delete udp 3000 now",
                                      "close udp",
                                      "close udp 192.168.1.10 5000",
                                      "close icmp 2001:db8::10 5000",
                                      "close udp 2001:db8::10 x",
                                      "clear all",
                                      "sync now",
                                      "reload now"}) {
        const Json answer = ask(request);
        EXPECT_EQ(answer["ok"], false) << request;
        EXPECT_EQ(answer["error"], "usage") << request;
    }
    EXPECT_EQ(openings_.lists().size(), 1U);
    EXPECT_THAT(done_, IsEmpty());
}

TEST_F(AdminRequestsTest, WordsMayStandApart) {
    has({mappingOf(kConsole, 3000)});
    EXPECT_EQ(ask("  delete \t udp   3000 ")["ok"], true);
}

TEST_F(AdminRequestsTest, TextThatIsNoUtf8IsReplaced) {
    reloaded_ = {"upnpd.conf:1: error: \xff", {}};
    EXPECT_EQ(ask("reload")["text"], "upnpd.conf:1: error: \xef\xbf\xbd");
}

}  // namespace
}  // namespace igd
