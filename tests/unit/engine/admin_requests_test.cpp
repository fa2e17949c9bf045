// SPDX-License-Identifier: GPL-2.0-or-later
#include "admin_requests.h"

#include "fake_interfaces.h"
#include "fakes.h"

#include "upnpd/admin/server.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace igd {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kWan = *InterfaceName::parse("ppp0");

class AdminRequestsTest : public EngineTest {
protected:
    void has(const std::vector<Opening>& openings) {
        ASSERT_TRUE(openings_.restore(openings, Clock::now()));
    }
    Json ask(std::string_view request, bool mayChange = true) {
        return Json::parse(answerAdmin({.openings = openings_,
                                        .repairs = repairs_,
                                        .firewall = firewall_,
                                        .external = external_,
                                        .served = [this] { return served_; },
                                        .clear =
                                            [this] {
                                                done_.emplace_back("clear");
                                                return openings_.clear(Clock::now());
                                            },
                                        .reload =
                                            [this] {
                                                done_.emplace_back("reload");
                                                return reloaded_;
                                            },
                                        .lookAgain = [this] { done_.emplace_back("sync"); }},
                                       request, mayChange));
    }
    /// Returns the ports of the openings in `list`.
    static std::vector<int> portsOf(const Json& list) {
        std::vector<int> ports;
        for (const Json& opening : list) ports.push_back(opening["internal_port"]);
        return ports;
    }

    Repairs repairs_{loop_, {[](TimePoint) { return Result<void>{}; }, [] { return ""; }}};
    FakeInterfaces interfaces_;
    ExternalConnection external_{loop_, Wan{interfaces_, kWan, {}, {}}, [] {}};
    std::vector<FrontEnds::Served> served_;
    Reloaded reloaded_;
    std::vector<std::string> done_;
};

TEST_F(AdminRequestsTest, StatusTellsHowEverythingIs) {
    interfaces_.set(kWan, kExternal);
    external_.refresh(Clock::now());
    served_ = {{*InterfaceName::parse("lan0"), {kLan.addresses.front()}, true, Port{49152}},
               {*InterfaceName::parse("vlan20"),
                {},
                false,
                std::nullopt,
                {{{false, {*parseIpv6Address("ff02::c"), Port{1900}}}, "it is taken"}},
                "no multicast"}};
    has({mappingOf(kConsole, 3000), mappingOf(kConsole, 3001),
         flowOf(kConsole, 6000, Clock::now() + 1h),
         openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    repairs_.damaged("gone");
    const Json answer = ask("status", false);
    EXPECT_EQ(answer, Json::parse(R"({
        "ok": true, "schema": 1, "version": "2.0.0", "firewall": "fake",
        "external": {"interface": "ppp0", "exists": true, "up": true, "address": "80.100.100.1",
                     "told": "80.100.100.1", "told_from": "", "told_remark": "",
                     "connected_for": 0},
        "internal": [{"interface": "lan0", "address": "192.168.1.1/24", "answers": true,
                      "addresses": ["192.168.1.1/24"], "http_port": 49152, "problems": []},
                     {"interface": "vlan20", "address": null, "answers": false,
                      "addresses": [], "http_port": null,
                      "problems": [{"reason": "the device is not advertised: no multicast"},
                                   {"protocol": "udp", "address": "ff02::c", "port": 1900,
                                    "reason": "it is taken"}]}],
        "mappings": 2, "pinholes": 1, "flows": 1, "repairs": 1,
        "refusals": []})"))
        << answer.dump(2);
}

TEST_F(AdminRequestsTest, StatusTellsThatThereIsNoAddress) {
    const Json external = ask("status")["external"];
    EXPECT_EQ(external["exists"], false);
    EXPECT_EQ(external["address"], nullptr);
    EXPECT_EQ(external["told"], nullptr);
}

TEST_F(AdminRequestsTest, EachKindHasItsList) {
    has({mappingOf(kConsole, 3000), flowOf(kConsole, 6000, Clock::now() + 1h),
         openingOf(OpeningKind::Pinhole, {kConsole6, Port{5000}})});
    const Json mappings = ask("list 0", false);
    EXPECT_EQ(mappings["ok"], true);
    EXPECT_THAT(portsOf(mappings["mappings"]), ElementsAre(3000));
    EXPECT_EQ(mappings["next"], nullptr);
    EXPECT_THAT(portsOf(ask("pinholes 0", false)["pinholes"]), ElementsAre(5000));
    EXPECT_THAT(portsOf(ask("flows 0", false)["flows"]), ElementsAre(6000));
    EXPECT_THAT(ask("list 1")["mappings"], IsEmpty());
    EXPECT_EQ(ask("list 4294967295")["next"], nullptr);
}

TEST_F(AdminRequestsTest, AListComesInPages) {
    std::vector<Opening> many;
    for (std::uint16_t port = 3000; port < 3150; ++port) many.push_back(mappingOf(kConsole, port));
    has(many);
    const Json first = ask("list 0");
    EXPECT_EQ(first["mappings"].size(), 64U);
    EXPECT_EQ(first["next"], 64);
    const Json second = ask("list 64");
    EXPECT_EQ(second["mappings"][0]["external_port"], 3064);
    EXPECT_EQ(second["next"], 128);
    const Json last = ask("list 128");
    EXPECT_EQ(last["mappings"].size(), 22U);
    EXPECT_EQ(last["next"], nullptr);
    EXPECT_EQ(ask("list 86")["next"], nullptr) << "the last one is in it";
}

/// An opening whose text is as long as it can be.
Opening worst(Opening opening) {
    opening.claims.clear();
    for (const Origin origin : {Origin::Igd, Origin::NatPmp, Origin::Pcp, Origin::Static}) {
        Claim claim{.origin = origin,
                    .requester = ipv6("2001:db8:1111:2222:3333:4444:5555:6666"),
                    .expiresAt = Clock::now() + 100000h,
                    .description = std::string(kMaxDescription, '"'),
                    .nonce = Nonce{1}};
        for (unsigned i = 0; i < kMaxFilters; ++i)
            claim.filters.push_back(
                filter(fmt::format("2001:db8:1111:2222:3333:44{}{}:5555:6666/128@65535",
                                   static_cast<int>(origin), i)
                           .c_str()));
        opening.claims.push_back(std::move(claim));
    }
    return opening;
}

class WorstPageTest : public AdminRequestsTest {
protected:
    /// Returns the size of the answer to `request` with 64 such openings at `client`.
    std::size_t sizeOf(std::string_view request, OpeningKind kind, const IpAddress& client) {
        std::vector<Opening> openings;
        for (std::uint16_t port = 50000; port < 50064; ++port)
            openings.push_back(worst(openingOf(kind, {client, Port{port}})));
        has(openings);
        const std::size_t size = ask(request).dump().size();
        EXPECT_GT(size, 64 * 4 * 2 * kMaxDescription) << "they are the worst";
        return size;
    }
};

TEST_F(WorstPageTest, OfMappingsFitsIntoAnAnswer) {
    EXPECT_LT(sizeOf("list 0", OpeningKind::Mapping, kConsole), kMaxControlAnswer);
}

TEST_F(WorstPageTest, OfPinholesFitsIntoAnAnswer) {
    const Ipv6Address client = ipv6("2001:db8:1111:2222:3333:4444:5555:7777");
    EXPECT_LT(sizeOf("pinholes 0", OpeningKind::Pinhole, client), kMaxControlAnswer);
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
    EXPECT_EQ(ask("reload"), Json::parse(R"({"ok": false, "schema": 1, "error": "refused",
        "text": "upnpd.conf:41: error: no such key",
        "notes": ["upnpd.conf:41: error: no such key"]})"));
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
