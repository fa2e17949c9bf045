// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_json.h"

#include "fakes.h"

namespace igd {
namespace {

using Json = nlohmann::json;

const TimePoint kNow = TimePoint{} + 1h;

TEST(OpeningJson, HasOneFormForAMapping) {
    Opening mapping = mappingOf(kConsole, 3000, kNow + 90s);
    mapping.externalPort = Port{4000};
    mapping.claims.front().description = "a game";
    mapping.claims.front().filters = {filter("80.1.2.3")};
    mapping.account = kConsoleMac;
    EXPECT_EQ(jsonOf(mapping, kNow), Json::parse(R"({
        "kind": "mapping", "protocol": "udp", "external_port": 4000,
        "internal_address": "192.168.1.10", "internal_port": 3000,
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
    const Json json = jsonOf(pinhole, kNow);
    EXPECT_EQ(json, Json::parse(R"({
        "kind": "pinhole", "protocol": "udp", "id": 7,
        "internal_address": "2001:db8::10", "internal_port": 5000,
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
    const Json json = jsonOf(flowOf(kConsole, 6000, kNow + 30s), kNow);
    EXPECT_EQ(json, Json::parse(R"({
        "kind": "flow", "protocol": "udp", "external_port": 6000,
        "internal_address": "192.168.1.10", "internal_port": 6000,
        "from": ["80.1.2.3/32@53"], "lease": 30, "enabled": true, "via": "pcp",
        "account": "192.168.1.10", "host": "present",
        "claims": [{"via": "pcp", "requester": "192.168.1.10", "lease": 30, "enabled": true,
                    "description": "", "from": []}]})"))
        << json.dump(2);
}

TEST(OpeningJson, ALeaseIsZeroOnlyWithoutEnd) {
    EXPECT_EQ(jsonOf(mappingOf(kConsole, 3000), kNow)["lease"], 0);
    EXPECT_EQ(jsonOf(mappingOf(kConsole, 3000, kNow + 1ms), kNow)["lease"], 1);
    const Json ended = jsonOf(mappingOf(kConsole, 3000, kNow - 1s), kNow);
    EXPECT_EQ(ended["lease"], 1);
    EXPECT_EQ(ended["claims"][0]["lease"], 1);
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
