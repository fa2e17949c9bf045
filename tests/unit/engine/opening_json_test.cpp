// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_json.h"

#include "fakes.h"

namespace igd {
namespace {

using Json = nlohmann::json;

const TimePoint kNow = TimePoint{} + 1h;

/// Returns the JSON of an opening without what is for people.
Json ruleOf(const Opening& opening) {
    Json json = jsonOf(opening, kNow);
    for (const char* const member : {"id", "client", "agent", "made", "renewed", "expires",
                                     "packets", "bytes", "stopped_by"}) {
        EXPECT_TRUE(json.contains(member)) << member;
        json.erase(member);
    }
    return json;
}

TEST(OpeningJson, HasOneFormForAMapping) {
    Opening mapping = mappingOf(kConsole, 3000, kNow + 90s);
    mapping.externalPort = Port{4000};
    mapping.claims.front().description = "a game";
    mapping.claims.front().filters = {filter("80.1.2.3")};
    mapping.account = kConsoleMac;
    EXPECT_EQ(ruleOf(mapping), Json::parse(R"({
        "kind": "mapping", "protocol": "udp", "external_port": 4000,
        "internal_address": "192.168.1.10", "internal_port": 3000, "ports": 1,
        "remote_host": "80.1.2.3", "from": ["80.1.2.3/32"], "description": "a game",
        "lease": 90, "enabled": true, "via": "igd",
        "account": "02:00:00:00:00:01", "host": "present",
        "claims": [{"via": "igd", "requester": "192.168.1.10", "lease": 90, "enabled": true,
                    "description": "a game", "from": ["80.1.2.3/32"]}]})"));
}

TEST(OpeningJson, HasTheSameFormForAPinhole) {
    Opening pinhole = openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}}, kNow + 60s);
    pinhole.remote = filter("2001:db8:ffff::9@53");
    pinhole.pinholeId = PinholeId{7};
    pinhole.claims.push_back({.origin = Origin::Pcp,
                              .requester = kConsole6,
                              .expiresAt = kNow + 120s,
                              .description = "of PCP",
                              .nonce = Nonce{0xab, 0xcd}});
    const Json json = ruleOf(pinhole);
    EXPECT_EQ(json, Json::parse(R"({
        "kind": "pinhole", "protocol": "udp", "unique_id": 7,
        "internal_address": "2001:db8::10", "internal_port": 5000, "ports": 1,
        "from": ["2001:db8:ffff::9/128@53"], "lease": 120, "enabled": true, "via": "igd",
        "account": "2001:db8::/64", "host": "present",
        "claims": [{"via": "igd", "requester": "2001:db8::10", "lease": 60, "enabled": true,
                    "description": "", "from": []},
                   {"via": "pcp", "requester": "2001:db8::10", "lease": 120, "enabled": true,
                    "description": "of PCP", "from": []}]})"))
        << json.dump(2);
    EXPECT_EQ(json.dump().find("nonce"), std::string::npos) << "it is told to nobody";
}

TEST(OpeningJson, HasTheSameFormForAFlow) {
    const Json json = ruleOf(flowOf(kConsole, 6000, kNow + 30s));
    EXPECT_EQ(json, Json::parse(R"({
        "kind": "flow", "protocol": "udp", "external_port": 6000,
        "internal_address": "192.168.1.10", "internal_port": 6000,
        "from": ["80.1.2.3/32@53"], "lease": 30, "enabled": true, "via": "pcp",
        "account": "192.168.1.10", "host": "present",
        "claims": [{"via": "pcp", "requester": "192.168.1.10", "lease": 30, "enabled": true,
                    "description": "", "from": []}]})"))
        << json.dump(2);
}

TEST(OpeningJson, HasAPortSetAsItsFirstPortAndTheirNumber) {  // PCP-SET-10
    Opening set = mappingOf(kConsole, 3000);
    set.portCount = 256;
    const Json json = jsonOf(set, kNow);
    EXPECT_EQ(json["internal_port"], 3000);
    EXPECT_EQ(json["ports"], 256);
}

TEST(OpeningJson, ALeaseIsZeroOnlyWithoutEnd) {
    EXPECT_EQ(jsonOf(mappingOf(kConsole, 3000), kNow)["lease"], 0);
    EXPECT_EQ(jsonOf(mappingOf(kConsole, 3000, kNow + 1ms), kNow)["lease"], 1);
    const Json ended = jsonOf(mappingOf(kConsole, 3000, kNow - 1s), kNow);
    EXPECT_EQ(ended["lease"], 1);
    EXPECT_EQ(ended["claims"][0]["lease"], 1);
}

TEST(OpeningJson, TellsPeopleWhoAndSinceWhen) {
    Opening mapping = mappingOf(kConsole, 3000, kNow + 90s);
    mapping.id = 17;
    mapping.claims.front().history = {kNow - 60s, kNow - 10s, "a console"};
    const Json json = jsonOf(mapping, kNow, {"xbox", kConsoleMac, Traffic{7, 700}});
    const auto unixNow =
        std::chrono::duration_cast<Seconds>(std::chrono::system_clock::now().time_since_epoch());
    EXPECT_EQ(json["id"], 17);
    EXPECT_EQ(json["client"],
              Json::parse(R"({"name": "xbox", "mac": "02:00:00:00:00:01", "present": true})"));
    EXPECT_EQ(json["agent"], "a console");
    EXPECT_EQ(json["packets"], 7);
    EXPECT_EQ(json["bytes"], 700);
    EXPECT_NEAR(json["made"].get<double>(), static_cast<double>(unixNow.count() - 60), 2);
    EXPECT_NEAR(json["renewed"].get<double>(), static_cast<double>(unixNow.count() - 10), 2);
    EXPECT_NEAR(json["expires"].get<double>(), static_cast<double>(unixNow.count() + 90), 2);
}

TEST(OpeningJson, NamesTheRuleThatStopsPackets) {
    const OpeningFacts facts{.stoppedBy = "table ip raw prerouting: udp dport 3000 drop"};
    EXPECT_EQ(jsonOf(mappingOf(kConsole, 3000), kNow, facts)["stopped_by"],
              "table ip raw prerouting: udp dport 3000 drop");
}

TEST(OpeningJson, HasNullForWhatIsNotKnown) {
    const Json json = jsonOf(mappingOf(kConsole, 3000), kNow);
    for (const char* const member :
         {"agent", "made", "renewed", "expires", "packets", "bytes", "stopped_by"})
        EXPECT_TRUE(json[member].is_null()) << member;
    EXPECT_EQ(json["client"], Json::parse(R"({"name": null, "mac": null, "present": true})"));
}

TEST(OpeningJson, TellsWhetherTheHostIsThere) {
    Opening mapping = mappingOf(kConsole, 3000);
    mapping.hostDeadline = kNow + 1h;
    EXPECT_EQ(jsonOf(mapping, kNow)["host"], "absent");
    mapping.hostSeen = false;
    EXPECT_EQ(jsonOf(mapping, kNow)["host"], "unseen");
}

TEST(OpeningJson, AMappingThatIsOffSaysSo) {
    Opening mapping = mappingOf(kConsole, 3000);
    mapping.claims.front().enabled = false;
    EXPECT_EQ(jsonOf(mapping, kNow)["enabled"], false);
    EXPECT_EQ(jsonOf(mapping, kNow)["remote_host"], nullptr);
}

TEST(OpeningJson, ACutDescriptionIsStillUtf8) {
    Opening mapping = mappingOf(kConsole, 3000);
    for (int i = 0; i < 127; ++i) mapping.claims.front().description += "é";
    mapping.claims.front().filters = {filter("80.1.0.0/16")};
    const Json json = jsonOf(mapping, kNow);
    EXPECT_NO_THROW((void)json.dump());
    const auto description = json["description"].get<std::string>();
    EXPECT_TRUE(description.ends_with("é (filtered)")) << description;
    EXPECT_LE(description.size(), kMaxDescription);
}

}  // namespace
}  // namespace igd
