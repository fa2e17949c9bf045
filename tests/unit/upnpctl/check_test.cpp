// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include "facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace igd::ctl {
namespace {

using inspect::Hook;
using inspect::Kind;
using testing::HasSubstr;
using testing::IsEmpty;

const IpAddress kClient{*parseIpv4Address("192.168.1.10")};

/// A router with one mapping, on which nothing is wrong: wan0 is interface 2, lan0 is interface 3.
class CheckTest : public testing::Test {
protected:
    CheckTest() : facts_(InterfaceName::parse("wan0").value()) {
        facts_.outside = {.exists = true,
                          .running = true,
                          .addresses = {*parseIpv4Prefix("80.1.2.3/24")},
                          .index = 2};
        facts_.internal.push_back({.interface = InterfaceName::parse("lan0").value(),
                                   .state = {.exists = true,
                                             .running = true,
                                             .addresses = {*parseIpv4Prefix("192.168.1.1/24")},
                                             .index = 3},
                                   .httpPort = Port{49152}});
        facts_.forwards = facts_.forwards6 = facts_.daemonRuns = true;
        facts_.mappings.push_back({{"protocol", "tcp"},
                                   {"external_port", 4000},
                                   {"internal_address", "192.168.1.10"},
                                   {"internal_port", 5000}});
        facts_.route = [](const PassingPacket& packet) -> tl::expected<NextHop, int> {
            return NextHop{packet.in == 2 ? 3U : 2U};
        };
        const auto own = rules_.idOf(Kind::Nft, "inet", "upnpd", "forward");
        rules_.chains[own].own = true;
        masquerade_ = chain("post", {.hook = Hook::Postrouting, .translates = true},
                            {inspect::Translation{.kind = inspect::Translating::Masquerade}});
    }

    inspect::ChainId chain(const char* name, inspect::Base base,
                           const std::vector<inspect::Step>& steps, Kind kind = Kind::Nft) {
        const auto id = rules_.idOf(kind, "ip", "his", name);
        rules_.chains[id].kind = kind;
        rules_.chains[id].base = std::move(base);
        if (!steps.empty()) rules_.chains[id].add(7, steps);
        return id;
    }

    std::vector<Line> lines(const std::string& code = "") {
        facts_.rules = std::make_shared<const inspect::Ruleset>(rules_);
        std::vector<Line> all = check(facts_, {});
        if (!code.empty()) std::erase_if(all, [&](const Line& line) { return line.code != code; });
        return all;
    }
    Line line(const std::string& code) {
        const auto found = lines(code);
        return found.size() == 1 ? found.front() : Line{"none, or several", {}, "", ""};
    }
    void expectFail(const std::string& code, const std::string& text, const std::string& command) {
        const Line found = line(code);
        EXPECT_EQ(found.verdict, ctl::Verdict::Fail) << found.text;
        EXPECT_THAT(found.text, HasSubstr(text));
        EXPECT_EQ(found.command, command);
        EXPECT_EQ(checkStatus(lines()), 1);
    }

    Facts facts_;
    inspect::Ruleset rules_;
    inspect::ChainId masquerade_ = inspect::kNoChain;
};

inspect::Step dport(std::uint16_t port) {
    return inspect::Comparison{.field = inspect::Field::DestinationPort,
                               .first = inspect::wordOf(port),
                               .last = inspect::wordOf(port)};
}
inspect::Step drop() {
    return inspect::Verdict{inspect::Ending::Drop};
}

TEST_F(CheckTest, FindsNothingOnARouterThatIsWell) {
    for (const Line& each : lines()) EXPECT_EQ(each.verdict, ctl::Verdict::Ok) << each.text;
}

TEST_F(CheckTest, KeepsAColumnBetweenCodeAndVerdict) {
    EXPECT_THAT(checkText({{"RULES-01", ctl::Verdict::Note, "a", "b", "c"}}),
                "RULES-01 note     a\n                  -> b\n                  -> c\n");
}

TEST_F(CheckTest, HasTheCommandInJsonToo) {
    const Json json = checkJson({{"A", ctl::Verdict::Fail, "t", "", "do it"}});
    EXPECT_EQ(json["checks"][0]["command"], "do it");
    EXPECT_EQ(json["checks"][0]["remedy"], "do it");
}

TEST_F(CheckTest, OfARouterThatStandsByThereIsNothingToCheck) {
    facts_.role = "active";
    EXPECT_EQ(line("PAIR-01").verdict, ctl::Verdict::Ok);
    EXPECT_GT(lines().size(), 1U);
    facts_.role = "standby";
    facts_.forwards = false;
    facts_.store = Facts::Store{.place = "redis://192.168.1.9", .leader = "router-1"};
    EXPECT_EQ(line("PAIR-01").verdict, ctl::Verdict::Note);
    EXPECT_THAT(line("PAIR-01").text, HasSubstr("router-1 is the active one"));
    EXPECT_EQ(lines().size(), 1U);
    EXPECT_EQ(checkStatus(lines()), 0);
}

TEST_F(CheckTest, ARouterStandsByForNobody) {
    facts_.role = "standby";
    facts_.store = Facts::Store{.place = "redis://192.168.1.9"};
    expectFail("PAIR-01", "no other one is active", "upnpctl promote");
    facts_.store->problem = "connection refused";
    expectFail("PAIR-01", "follows nobody: redis://192.168.1.9: connection refused", "");
}

TEST_F(CheckTest, NothingReachesWhereForwardingIsOff) {
    facts_.forwards = false;
    const std::string command =
        "sysctl -w net.ipv4.ip_forward=1  # to keep it: the line \"net.ipv4.ip_forward=1\" in a "
        "file of /etc/sysctl.d";
    expectFail("FWD-01", "nothing passes", command);
    expectFail("MAP-01", "IP forwarding is off", command);
}

TEST_F(CheckTest, OneInterfaceMayNotForward) {
    facts_.notForwarding.insert("lan0.10");
    EXPECT_THAT(line("FWD-01").command, HasSubstr("net.ipv4.conf.lan0/10.forwarding=1"));
}

TEST_F(CheckTest, TheLinkIsJudged) {
    facts_.outside.running = false;
    expectFail("WAN-01", "is down", "ip link set dev wan0 up");
    EXPECT_EQ(line("MAP-01").verdict, ctl::Verdict::Fail);
}

TEST_F(CheckTest, OtherUplinksAreJudged) {
    const InterfaceName wan1 = *InterfaceName::parse("wan1");
    facts_.uplinks = {{facts_.external, 0, facts_.outside}, {wan1, 0, {}}};
    EXPECT_THAT(line("WAN-06").text, HasSubstr("wan1 cannot take over: it does not exist"));
    facts_.uplinks[1].state = {.exists = true,
                               .running = true,
                               .addresses = {*parseIpv4Prefix("80.9.9.9/24")},
                               .index = 4};
    EXPECT_THAT(line("WAN-06").text, HasSubstr("wan1 can take over: it has 80.9.9.9"));
    EXPECT_THAT(lines("WAN-07"), IsEmpty());
}

TEST_F(CheckTest, AnswersLeaveByTheUplinkTheyCameInOn) {
    const InterfaceName wan1 = *InterfaceName::parse("wan1");
    facts_.markBits = 0x00ff0000;
    facts_.uplinks = {{wan1,
                       0x00020000,
                       {.exists = true,
                        .running = true,
                        .addresses = {*parseIpv4Prefix("80.9.9.9/24")},
                        .index = 4}}};
    expectFail("WAN-07", "leave by another interface",
               "ip rule add fwmark 0x20000/0xff0000 lookup 102");
    facts_.route = [](const PassingPacket& packet) -> tl::expected<NextHop, int> {
        return NextHop{packet.mark == 0x00020000 ? 4U : packet.in == 2 ? 3U : 2U};
    };
    EXPECT_EQ(line("WAN-07").verdict, ctl::Verdict::Ok);
}

TEST_F(CheckTest, AnswersNeedARoute) {
    facts_.outsideNeighbours = {*parseIpv4Address("80.1.2.1")};
    facts_.route = [](const PassingPacket& packet) -> tl::expected<NextHop, int> {
        if (packet.in == 3) return tl::unexpected{ENETUNREACH};
        return NextHop{3};
    };
    expectFail("WAN-03", "no route", "ip route replace default via 80.1.2.1 dev wan0");
    expectFail("MAP-01", "no route", "ip route replace default via 80.1.2.1 dev wan0");
    facts_.outsideNeighbours.push_back(*parseIpv4Address("80.1.2.2"));
    expectFail("WAN-03", "no route", "");
    facts_.routesByMark = true;
    EXPECT_EQ(line("MAP-01").verdict, ctl::Verdict::Unknown);
}

TEST_F(CheckTest, TheReversePathFilterIsNamed) {
    facts_.reversePathFilter = 1;
    facts_.route = [](const PassingPacket& packet) -> tl::expected<NextHop, int> {
        if (packet.in == 2) return tl::unexpected{EXDEV};
        return NextHop{2};
    };
    EXPECT_THAT(line("WAN-04").command, HasSubstr("net.ipv4.conf.wan0.rp_filter=2"));
    EXPECT_THAT(line("MAP-01").text, HasSubstr("reverse path filter"));
}

TEST_F(CheckTest, AClientThatDoesNotAnswerIsNotReached) {
    facts_.silent.insert(kClient);
    expectFail("MAP-01", "no host answers there as 192.168.1.10", "");
}

TEST_F(CheckTest, OurRulesMustBeThere) {
    rules_.chains.front().own = false;
    expectFail("MAP-01", "not in the kernel", "upnpctl sync");
}

TEST_F(CheckTest, AdviceIsForTheFirewallThatIsThere) {
    const auto forward = [this](Kind kind, const std::string& family = "ip") {
        inspect::Ruleset fresh;
        const auto own = fresh.idOf(Kind::Nft, "inet", "upnpd", "forward");
        fresh.chains[own].own = true;
        const auto id = fresh.idOf(kind, family, "filter", "FORWARD");
        fresh.chains[id].base = inspect::Base{.hook = Hook::Forward};
        fresh.chains[id].add(9, std::vector<inspect::Step>{dport(1), drop()});
        fresh.chains[id].add(10, std::vector<inspect::Step>{dport(5000), drop()});
        rules_ = std::move(fresh);
    };
    forward(Kind::Nft, "inet");
    EXPECT_EQ(line("MAP-01").command,
              "nft 'insert rule inet filter FORWARD handle 10 iifname \"wan0\" oifname \"lan0\" "
              "ip daddr 192.168.1.10 tcp dport 5000 accept'");
    const std::string match = "FORWARD 2 -i wan0 -o lan0 -d 192.168.1.10 -p tcp --dport 5000 ";
    forward(Kind::IptablesNft);
    EXPECT_EQ(line("MAP-01").command, "iptables-nft -I " + match + "-j ACCEPT");
    forward(Kind::Legacy);
    EXPECT_EQ(line("MAP-01").command, "iptables-legacy -I " + match + "-j ACCEPT");
    rules_.idOf(Kind::Legacy, "ip", "filter", "ufw-before-forward");
    EXPECT_EQ(line("MAP-01").command,
              "ufw route allow in on wan0 out on lan0 to 192.168.1.10 port 5000 proto tcp");
    forward(Kind::Nft, "inet");
    rules_.chains.back().writable = false;
    EXPECT_THAT(line("MAP-01").command, IsEmpty());
    EXPECT_THAT(line("MAP-01").remedy, HasSubstr("by the program"));
}

TEST_F(CheckTest, APolicyIsOpenedAtTheEndUnlessPacketsComeThereEarly) {
    const auto id = chain("forward", {.hook = Hook::Forward, .policyDrop = true}, {});
    EXPECT_THAT(line("MAP-01").command, HasSubstr("nft 'add rule ip his forward "));
    rules_.chains[id].add(
        3, std::vector<inspect::Step>{dport(5000), inspect::Verdict{inspect::Ending::Return}});
    EXPECT_THAT(line("MAP-01").command, HasSubstr("nft 'insert rule ip his forward iifname"));
}

TEST_F(CheckTest, ATranslationOfTheAdministratorsIsTheCause) {
    chain("pre", {.hook = Hook::Prerouting, .priority = -100, .translates = true},
          {dport(4000), inspect::Translation{.kind = inspect::Translating::Destination,
                                             .address = *parseIpv4Address("192.168.1.77")}});
    chain("forward", {.hook = Hook::Forward, .policyDrop = true}, {});
    expectFail("MAP-01", "another rule sends it to 192.168.1.77:4000: ip his pre rule 1",
               "nft 'insert rule ip his pre handle 7 iifname \"wan0\" tcp dport 4000 accept'");
}

TEST_F(CheckTest, InLegacyTablesHisTranslationHasToGo) {
    chain("PREROUTING", {.hook = Hook::Prerouting, .priority = -100, .translates = true},
          {dport(4000), inspect::Translation{.kind = inspect::Translating::Redirect}},
          Kind::Legacy);
    expectFail("MAP-01", "the router itself", "iptables-legacy -t his -D PREROUTING 1");
}

TEST_F(CheckTest, MasqueradeIsAddedWhereTheOthersAre) {
    rules_.chains[masquerade_].rules.clear();
    EXPECT_EQ(line("NAT-01").command, "nft 'add rule ip his post oifname \"wan0\" masquerade'");
    rules_ = {};
    EXPECT_THAT(line("NAT-01").command, HasSubstr("add table ip nat; add chain ip nat"));
    chain("INPUT", {.hook = Hook::Input}, {dport(1), drop()}, Kind::Legacy);
    EXPECT_EQ(line("NAT-01").command,
              "iptables-legacy -t nat -A POSTROUTING -o wan0 -j MASQUERADE");
    rules_.idOf(Kind::Nft, "inet", "firewalld", "nat_POST");
    EXPECT_THAT(line("NAT-01").command, HasSubstr("firewall-cmd --zone="));
}

TEST_F(CheckTest, SaysWhatToWriteWhereTheAddressIsShared) {
    EXPECT_TRUE(lines("NAT-02").empty());
    facts_.textOf = [](const inspect::Place&) { return "masquerade to :4000-4015"; };
    EXPECT_EQ(line("NAT-02").verdict, ctl::Verdict::Note);
    EXPECT_THAT(line("NAT-02").remedy, HasSubstr("external_ports = 4000-4015"));
    facts_.externalPorts = {*parsePortRange("4000-4015")};
    EXPECT_EQ(line("NAT-02").verdict, ctl::Verdict::Ok);
    facts_.textOf = [](const inspect::Place&) { return "masquerade to :10000-65535"; };
    EXPECT_TRUE(lines("NAT-02").empty()) << "the address is not shared for that";
}

TEST_F(CheckTest, SaysThatThereIsNoDefaultRouteToFollow) {
    facts_.external = InterfaceName::none();
    facts_.outside = {};
    expectFail("WAN-01", "no default route leaves by an interface", "");
}

TEST_F(CheckTest, EveryAddressOfAnInterfaceIsJudged) {
    facts_.internal[0].state.addresses.push_back(*parseIpv4Prefix("10.0.0.1/24"));
    facts_.internal[0].state.routed.push_back(*parseIpv4Prefix("10.9.0.0/16"));
    EXPECT_EQ(lines("LAN-05").size(), 2U);
    EXPECT_EQ(lines("NAT-01").size(), 3U);
    facts_.outside.addresses.push_back(*parseIpv4Prefix("80.1.2.4/24"));
    const inspect::Word second = inspect::wordOf(IpAddress{*parseIpv4Address("80.1.2.4")});
    chain("raw", {.hook = Hook::Prerouting, .priority = -300},
          {inspect::Comparison{
               .field = inspect::Field::Destination4, .first = second, .last = second},
           drop()});
    EXPECT_EQ(line("MAP-01").verdict, ctl::Verdict::Note);
    EXPECT_THAT(line("MAP-01").text, HasSubstr("reaches; not at 80.1.2.4: STOPPED by ip his raw"));
}

TEST_F(CheckTest, ALanOfIpv6AloneIsNoFault) {
    const Ipv6Prefix own{*parseIpv6Address("2a0a:200::1"), 64};
    auto& internal = facts_.internal[0];
    facts_.mappings.clear();
    internal.state.addresses.clear();
    internal.state.addresses6 = {{*parseIpv6Address("fe80::1"), 64}};
    EXPECT_EQ(line("LAN-01").verdict, ctl::Verdict::Fail) << "nobody is served by that alone";
    internal.state.addresses6.push_back(own);
    EXPECT_THAT(internal.served(), testing::ElementsAre(IpAddress{own.address}));
    internal.open6 = {{false, {own.address, Port{1900}}}, {false, {own.address, Port{5351}}}};
    EXPECT_THAT(lines("LAN-01"), IsEmpty());
    EXPECT_EQ(line("LAN-02").verdict, ctl::Verdict::Ok);
    EXPECT_EQ(line("LAN-05").verdict, ctl::Verdict::Ok);
    EXPECT_THAT(line("LAN-03").text, HasSubstr("[ff02::c]:1900"));
    EXPECT_EQ(checkStatus(lines()), 0);
    const inspect::Word group = inspect::wordOf(IpAddress{*parseIpv6Address("ff02::c")});
    const auto input = chain(
        "in", {.hook = Hook::Input},
        {inspect::Comparison{.field = inspect::Field::Destination6, .first = group, .last = group},
         drop()});
    rules_.chains[input].family = "ip6";
    EXPECT_EQ(line("LAN-03").verdict, ctl::Verdict::Fail);
}

TEST_F(CheckTest, APortThatNobodyServesIsNamed) {
    facts_.internal[0].unserved = {"nobody listens on UDP port 5351 of 192.168.1.1"};
    EXPECT_EQ(line("LAN-08").verdict, ctl::Verdict::Fail);
    facts_.internal[0].unserved.clear();
    facts_.internal[0].isSilent = true;
    EXPECT_EQ(line("LAN-08").verdict, ctl::Verdict::Fail);
    chain("in", {.hook = Hook::Input},
          {inspect::Comparison{.field = inspect::Field::InInterface,
                               .first = inspect::wordOfName("lo"),
                               .last = inspect::wordOfName("lo")},
           drop()});
    EXPECT_THAT(lines("LAN-08"), IsEmpty()) << "the question itself came by lo";
    EXPECT_EQ(line("LAN-09").verdict, ctl::Verdict::Note);
    EXPECT_EQ(line("LAN-09").command, "nft 'insert rule ip his in handle 7 iifname \"lo\" accept'");
}

TEST_F(CheckTest, ConnectionTrackingMayBeFull) {
    facts_.tracked = 97;
    facts_.trackedMost = 100;
    EXPECT_THAT(lines("CT-01"), IsEmpty());
    facts_.tracked = 100;
    EXPECT_THAT(line("CT-01").command, HasSubstr("nf_conntrack_max=200"));
}

TEST_F(CheckTest, TheClockIsJudged) {
    EXPECT_THAT(lines("CLK-01"), IsEmpty());
    facts_.clockIsBehind = true;
    EXPECT_EQ(line("CLK-01").verdict, ctl::Verdict::Note);
}

TEST_F(CheckTest, TheDefaultPolicyOfIpv6IsJudged) {
    facts_.internal[0].state.addresses6.push_back({*parseIpv6Address("2a0a:200::1"), 64});
    EXPECT_THAT(line("PIN-02").text, HasSubstr("no rule keeps new flows out"));
    const auto id = rules_.idOf(Kind::Nft, "ip6", "his", "forward");
    rules_.chains[id].base = inspect::Base{.hook = Hook::Forward, .policyDrop = true};
    EXPECT_EQ(line("PIN-02").verdict, ctl::Verdict::Note) << "pinholes are not let through either";
    rules_.chains[id].add(3, std::vector<inspect::Step>{inspect::Verdict{inspect::Ending::Accept}},
                          "upnpd");
    EXPECT_EQ(line("PIN-02").verdict, ctl::Verdict::Ok);
}

TEST_F(CheckTest, WithoutRulesAMappingIsNotCalledWell) {
    facts_.rules = nullptr;
    const auto all = check(facts_, {});
    const auto found = std::ranges::find(all, "MAP-01", &Line::code);
    ASSERT_NE(found, all.end());
    EXPECT_EQ(found->verdict, ctl::Verdict::Unknown);
}

}  // namespace
}  // namespace igd::ctl
